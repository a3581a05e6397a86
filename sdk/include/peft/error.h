// Errors that reach a user. Every message says what was found, what was expected and what to do.
#pragma once

#include <stdexcept>
#include <string>

namespace peft {

// The work could not be done: a file is damaged, a tensor is missing, the disk is full.
// The program ends with exit code 1 after printing `what()`.
class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message) : std::runtime_error(message) {}
  ~Error() override;  // out of line: one home for the type information, so that it is caught across libraries
};

// What the user wrote is wrong: a recipe, an option, a command line. Exit code 2.
// `what()` may hold several lines, one per mistake.
class UsageError : public Error {
 public:
  explicit UsageError(const std::string& message) : Error(message) {}
  ~UsageError() override;
};

}  // namespace peft
