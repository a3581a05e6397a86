#include "cli/line_reader.h"

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <utility>

#include "base/utf8.h"
#include "peft/error.h"

#ifdef PEFT_HAS_LIBEDIT
#include <editline/readline.h>
#endif

namespace peft::host {

LineReader::LineReader(std::string prompt)
    : prompt_(std::move(prompt)), is_terminal_(::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1) {}

std::optional<std::string> LineReader::next() {
  std::optional<std::string> line = read();
  if (!line) return line;
  ++lines_;
  const size_t valid = valid_utf8_prefix(*line);
  if (valid < line->size()) {
    throw UsageError("standard input, line " + std::to_string(lines_) + ": found byte " +
                     std::to_string(valid + 1) + " that is no UTF-8, expected text in UTF-8");
  }
  return line;
}

std::optional<std::string> LineReader::read() {
#ifdef PEFT_HAS_LIBEDIT
  if (is_terminal_) {
    rl_outstream = stderr;
    const std::unique_ptr<char, decltype(&std::free)> typed(::readline(prompt_.c_str()), &std::free);
    if (typed == nullptr) return {};
    if (*typed != '\0') ::add_history(typed.get());
    return std::string(typed.get());
  }
#endif
  if (is_terminal_) std::cerr << prompt_ << std::flush;
  std::string line;
  if (!std::getline(std::cin, line)) return {};
  return line;
}

}  // namespace peft::host
