// peft-host export: folders that Hugging Face's libraries load.
#include <algorithm>
#include <iostream>

#include "base/shell.h"
#include "base/suggest.h"
#include "cli/engine_library.h"
#include "cli/fetch_recipe.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/signals.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"
#include "recipe/paths.h"

namespace peft::host {
namespace {

// One of `choices`, or an error that names them.
std::string chosen(const std::string& option, const std::optional<std::string>& given,
                   const std::vector<std::string>& choices) {
  std::string listed;
  for (const std::string& choice : choices) listed += (listed.empty() ? "" : " or ") + choice;
  if (!given) throw UsageError("found no --" + option + ", expected one: " + listed);
  if (std::find(choices.begin(), choices.end(), *given) == choices.end()) {
    throw UsageError("--" + option + ": found '" + *given + "', expected " + listed +
                     did_you_mean(*given, choices));
  }
  return *given;
}

}  // namespace

ExitCode export_run(const Invocation& invocation) {
  VerbOptions options(invocation);
  std::optional<std::string> to;
  std::optional<std::string> format;
  std::optional<std::string> dtype;
  options.text("to", "DIR", to, "where to; of several methods, each gets DIR/<name>");
  options.text("format", "FORMAT", format, "peft: adapters beside the base; merged: a model of its own");
  options.text("dtype", "TYPE", dtype,
               "float32 or bfloat16, of a merged model's weights; the recipe's dtype unless given");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const std::string run_folder = only_argument(*words, "RUN");
  if (!to) throw UsageError("found no --to, expected a folder to write");
  ExportRequest request;
  request.to = absolute_path(*to);
  request.format =
      chosen("format", format, {"peft", "merged"}) == "peft" ? ExportFormat::peft : ExportFormat::merged;
  if (dtype) request.dtype = chosen("dtype", dtype, {"float32", "bfloat16"});
  if (dtype && request.format == ExportFormat::peft) {
    throw UsageError("found --dtype with --format peft, expected it with merged alone: adapters are float32");
  }
  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  Recipe recipe = load_run({run_folder, {}}, catalogue, {.needs_data = false});

  catch_interruptions();
  const std::unique_ptr<Observer> observer = make_observer();
  if (!fetch_recipe_or_throw(recipe, {.needs_data = false}, catalogue, *observer))
    return ExitCode::interrupted;
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const ExportOutcome outcome = engine->export_run(recipe, request, *observer);
  for (const std::string& note : outcome.notes) observer->note(note);
  for (const std::filesystem::path& folder : outcome.folders) std::cout << typed_path(folder) << "\n";
  return interrupted() ? ExitCode::interrupted : ExitCode::done;
}

}  // namespace peft::host
