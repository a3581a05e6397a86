// peft-host run: trains, evaluates base and tuned, saves.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "base/figures.h"
#include "base/shell.h"
#include "cli/engine_library.h"
#include "cli/evaluation_view.h"
#include "cli/fetch_recipe.h"
#include "cli/observers.h"
#include "cli/recipe_argument.h"
#include "cli/report_file.h"
#include "cli/results.h"
#include "cli/signals.h"
#include "cli/text_table.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"

namespace peft::host {
namespace {

void tell_how_to_go_on(const Invocation& invocation, const RunOutcome& outcome) {
  if (outcome.checkpoint.empty()) {
    std::cerr << "interrupted before there was anything to save\n";
    return;
  }
  const bool resumed =
      std::find(invocation.words.begin(), invocation.words.end(), "--resume") != invocation.words.end();
  std::cerr << "saved " << typed_path(outcome.checkpoint) << " after step " << with_separators(outcome.step)
            << " of " << with_separators(outcome.total_steps) << "; go on with:\n  " << invocation.typed()
            << (resumed ? "" : " --resume") << "\n";
}

void tell_what_next(const Invocation& invocation, const RunOutcome& outcome, const std::string& report) {
  const std::string program = shell_quoted(invocation.program);
  const std::string folder = shell_quoted(typed_path(outcome.folder));
  std::vector<std::pair<std::string, std::string>> next;
  if (outcome.makes_text) {
    next.emplace_back(program + " generate " + folder + " --prompt 'Hello'",
                      "a continuation (--base: without the tuning)");
    next.emplace_back(program + " chat " + folder + " --compare", "many turns, answered by base and tuned");
  }
  next.emplace_back(program + " eval " + folder, "the table again");
  next.emplace_back(program + " export " + folder + " --to DIR --format peft", "for Hugging Face PEFT");
  std::cerr << "\nthe run is in " << typed_path(outcome.folder)
            << (report.empty() ? "" : ", with its report in " + report) << "; next:\n"
            << aligned_pairs(next, 2);
}

}  // namespace

ExitCode run(const Invocation& invocation) {
  VerbOptions options(invocation);
  RunOptions how;
  bool json = false;
  options.flag("resume", how.resume, "goes on from the newest checkpoint in the recipe's output");
  options.flag("json", json, "the table as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const PluginCatalogue catalogue = find_catalogue(options.plugin_folders);
  catalogue.throw_if_problems();
  Recipe recipe = load_recipe_or_throw(recipe_argument(*words, "RECIPE"), catalogue);

  catch_interruptions();
  ignore_broken_pipes();  // hours of training do not end because nobody reads along
  const std::unique_ptr<Observer> observer = make_observer();
  if (!fetch_recipe_or_throw(recipe, {}, catalogue, *observer)) {
    std::cerr << "interrupted while fetching; what came is kept, and the same command goes on from there\n";
    return ExitCode::interrupted;
  }
  const std::unique_ptr<Engine> engine = open_engine(catalogue);
  const RunOutcome outcome = engine->run(recipe, how, *observer);
  if (outcome.interrupted) {
    tell_how_to_go_on(invocation, outcome);
    return ExitCode::interrupted;
  }
  if (outcome.evaluation) {
    if (json) print_json(evaluation_value(*outcome.evaluation));
    if (!json) std::cout << "\n" << evaluation_text(*outcome.evaluation, output_width());
    std::cout.flush();
  }
  tell_what_next(invocation, outcome, renew_report(outcome.folder));
  return ExitCode::done;
}

}  // namespace peft::host
