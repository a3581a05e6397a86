// Lines that a user types, or that come through a pipe.
#pragma once

#include <optional>
#include <string>

namespace peft::host {

class LineReader {
 public:
  // `prompt` is shown on terminals only; there the line can be edited, and earlier ones called back.
  explicit LineReader(std::string prompt);

  // Nothing at the end of the input. Throws `peft::UsageError` for a line that is no UTF-8.
  std::optional<std::string> next();

  bool is_terminal() const { return is_terminal_; }

 private:
  std::optional<std::string> read();

  std::string prompt_;
  bool is_terminal_;
  long lines_ = 0;
};

}  // namespace peft::host
