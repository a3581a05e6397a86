// What a standard stream is connected to.
#pragma once

#include <cstddef>

namespace peft::host {

struct Terminal {
  bool is_terminal = false;  // one that understands escape sequences
  bool has_styles = false;   // and the user wants them: NO_COLOR is not set
  size_t width = 80;         // columns
};

Terminal terminal_of(int file_descriptor);

}  // namespace peft::host
