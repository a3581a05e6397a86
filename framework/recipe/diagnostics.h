// All that is wrong with a recipe, collected so that it is told at once.
#pragma once

#include <string>
#include <vector>

#include "recipe/location.h"

namespace peft::host {

struct Diagnostic {
  enum class Severity { error, warning };

  Severity severity = Severity::error;
  RecipeLocation where;
  std::string message;
  // Of an error: what stands there is right, but what it names is damaged or fails (a file, a plugin). It
  // ends the program with 1, where a wrong recipe ends it with 2.
  bool is_failure = false;

  // "FILE:LINE:COL: error: what was found, what was expected, what to do".
  std::string text() const;
  bool operator==(const Diagnostic&) const = default;
};

class Diagnostics {
 public:
  void error(RecipeLocation where, std::string message);
  void failure(RecipeLocation where, std::string message);
  void warning(RecipeLocation where, std::string message);

  bool has_errors() const;
  // Throws what was found, warnings included, where there is an error: `peft::UsageError` where any is the
  // recipe's own, else `peft::Error`.
  void throw_if_errors() const;
  // By file, line and column, the command line's last; each once.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> found_;
};

bool has_errors(const std::vector<Diagnostic>& diagnostics);
// Whether every error is a failure of what the recipe names, so that the recipe itself may be right.
bool are_failures(const std::vector<Diagnostic>& diagnostics);

// One line each, without a newline after the last.
std::string text(const std::vector<Diagnostic>& diagnostics);

}  // namespace peft::host
