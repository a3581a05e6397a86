// peft-host eval: base against tuned.
#include <filesystem>
#include <iostream>
#include <optional>

#include "cli/engine_library.h"
#include "cli/evaluation_view.h"
#include "cli/fetch_recipe.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/report_file.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"

namespace peft::host {

ExitCode evaluate(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool json = false;
  options.flag("json", json, "the table as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  const RecipeArgument argument = recipe_argument(*words, "RUN_OR_RECIPE");
  // A folder that is no run's is not a recipe either: `load_run` says so.
  Recipe recipe = std::filesystem::is_regular_file(argument.path) ? load_recipe_or_throw(argument, catalogue)
                                                                  : load_run(argument, catalogue, {});

  catch_interruptions();
  const std::unique_ptr<Observer> observer = make_observer();
  if (!fetch_recipe_or_throw(recipe, {}, catalogue, *observer)) return ExitCode::interrupted;
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const std::optional<EvaluationTable> table = engine->evaluate(recipe, *observer);
  if (!table) return ExitCode::interrupted;
  if (json) print_json(evaluation_value(*table));
  if (!json) std::cout << evaluation_text(*table, output_width());
  renew_report(recipe.output);
  return ExitCode::done;
}

}  // namespace peft::host
