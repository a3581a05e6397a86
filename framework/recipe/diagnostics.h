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

  // "FILE:LINE:COL: error: what was found, what was expected, what to do".
  std::string text() const;
  bool operator==(const Diagnostic&) const = default;
};

class Diagnostics {
 public:
  void error(RecipeLocation where, std::string message);
  void warning(RecipeLocation where, std::string message);

  bool has_errors() const;
  // By file, line and column, the command line's last; each once.
  std::vector<Diagnostic> sorted() const;

 private:
  std::vector<Diagnostic> found_;
};

// One line each, without a newline after the last.
std::string text(const std::vector<Diagnostic>& diagnostics);

}  // namespace peft::host
