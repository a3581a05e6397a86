// peft-host validate: everything that can be wrong, at once; then what a run would do.
#include <iostream>

#include "cli/engine_library.h"
#include "cli/errors.h"
#include "cli/fetch_recipe.h"
#include "cli/observers.h"
#include "cli/preflight_view.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"

namespace peft::host {
namespace {

struct Findings {
  std::vector<std::string> problems;  // of plugins
  std::vector<Diagnostic> diagnostics;
  std::optional<Preflight> preflight;
};

// As `run` would end.
ExitCode exit_code(const Findings& findings) {
  if (has_errors(findings.diagnostics) && !are_failures(findings.diagnostics)) return ExitCode::wrong_usage;
  if (has_errors(findings.diagnostics) || !findings.problems.empty()) return ExitCode::failed;
  return ExitCode::done;
}

// The engine is asked only where nothing is wrong so far: what it computes needs a recipe and its plugins.
Findings look(const RecipeArgument& argument, const PluginCatalogue& catalogue) {
  Findings findings;
  findings.problems = catalogue.problems();
  LoadedRecipe loaded = load_recipe(argument.path, argument.overrides, catalogue);
  findings.diagnostics = std::move(loaded.diagnostics);
  if (!findings.problems.empty() || !loaded.recipe) return findings;

  catch_interruptions();
  const std::unique_ptr<Observer> observer = make_observer();
  // Weights too: their names and shapes are checked, and a run finds them in the cache.
  Diagnostics fetched;
  const bool has_all = fetch_recipe(*loaded.recipe, {}, catalogue, *observer, fetched);
  for (const Diagnostic& diagnostic : fetched.sorted()) findings.diagnostics.push_back(diagnostic);
  if (!has_all || fetched.has_errors()) return findings;
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  ValidateOutcome outcome = engine->validate(*loaded.recipe, *observer);
  for (Diagnostic& diagnostic : outcome.diagnostics) findings.diagnostics.push_back(std::move(diagnostic));
  findings.preflight = std::move(outcome.preflight);
  return findings;
}

}  // namespace

ExitCode validate(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool json = false;
  options.flag("json", json, "what was found as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const RecipeArgument argument = recipe_argument(*words, "RECIPE");
  const Findings findings = look(argument, find_catalogue(options.plugin_folders));
  for (const std::string& problem : findings.problems) std::cerr << error_text(problem);
  for (const Diagnostic& diagnostic : findings.diagnostics) std::cerr << diagnostic.text() << "\n";
  if (interrupted()) return ExitCode::interrupted;
  if (json) print_json(validation_value(findings.problems, findings.diagnostics, findings.preflight));
  if (!json && findings.preflight) std::cout << preflight_text(*findings.preflight, output_has_styles());
  return exit_code(findings);
}

}  // namespace peft::host
