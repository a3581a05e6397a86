#include "recipe/diagnostics.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/shortened.h"
#include "peft/error.h"

namespace peft::host {
namespace {

bool is_error(const Diagnostic& diagnostic) {
  return diagnostic.severity == Diagnostic::Severity::error;
}

}  // namespace

std::string Diagnostic::text() const {
  return where.text() + (severity == Severity::error ? ": error: " : ": warning: ") + shortened(message);
}

void Diagnostics::error(RecipeLocation where, std::string message) {
  found_.push_back({Diagnostic::Severity::error, std::move(where), std::move(message)});
}

void Diagnostics::failure(RecipeLocation where, std::string message) {
  found_.push_back({Diagnostic::Severity::error, std::move(where), std::move(message), /*is_failure=*/true});
}

void Diagnostics::warning(RecipeLocation where, std::string message) {
  found_.push_back({Diagnostic::Severity::warning, std::move(where), std::move(message)});
}

bool Diagnostics::has_errors() const {
  return host::has_errors(found_);
}

void Diagnostics::throw_if_errors() const {
  if (!has_errors()) return;
  if (are_failures(found_)) throw Error(text(sorted()));
  throw UsageError(text(sorted()));
}

std::vector<Diagnostic> Diagnostics::sorted() const {
  const auto place = [](const Diagnostic& diagnostic) {
    const RecipeLocation& where = diagnostic.where;
    return std::tuple(where.is_command_line(), std::string_view(where.file), where.line, where.column);
  };
  std::vector<Diagnostic> sorted = found_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  return sorted;
}

bool has_errors(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::any_of(diagnostics, is_error);
}

bool are_failures(const std::vector<Diagnostic>& diagnostics) {
  return std::ranges::all_of(diagnostics, [](const Diagnostic& diagnostic) {
    return !is_error(diagnostic) || diagnostic.is_failure;
  });
}

std::string text(const std::vector<Diagnostic>& diagnostics) {
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics) lines += (lines.empty() ? "" : "\n") + diagnostic.text();
  return lines;
}

}  // namespace peft::host
