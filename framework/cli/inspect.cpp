// peft-host inspect: what a checkpoint holds, verified.
#include <filesystem>
#include <iostream>
#include <system_error>

#include "checkpoint/folder.h"
#include "checkpoint/summary.h"
#include "cli/checkpoint_view.h"
#include "cli/recipe_argument.h"
#include "cli/results.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

// A file, or of a run's folder or a folder of checkpoints the one that LATEST names.
fs::path checkpoint_file(const fs::path& given) {
  std::error_code ignored;
  if (!fs::exists(given, ignored)) {
    throw UsageError(given.string() + ": error: found nothing, expected a checkpoint or a run's folder");
  }
  if (!fs::is_directory(given, ignored)) return given;
  const fs::path folder = fs::is_directory(given / "checkpoints", ignored) ? given / "checkpoints" : given;
  return folder / read_latest_file(folder).name;
}

}  // namespace

ExitCode inspect(const Invocation& invocation) {
  VerbOptions options(invocation);
  bool json = false;
  options.flag("json", json, "all of it as JSON");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const CheckpointSummary summary = summarise(checkpoint_file(only_argument(*words, "FILE.h5")));
  if (json) print_json(checkpoint_value(summary));
  if (!json) std::cout << checkpoint_text(summary);
  if (!summary.verified) throw Error(summary.path.string() + ": error: " + summary.problem);
  return ExitCode::done;
}

}  // namespace peft::host
