// Commands as a user may type them.
#pragma once

#include <string>
#include <string_view>

namespace peft::host {

// As a POSIX shell reads it back: in quotes where it has to be.
std::string shell_quoted(std::string_view word);

}  // namespace peft::host
