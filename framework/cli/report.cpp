// peft-host report: a run on one page.
#include "report/run_report.h"

#include <iostream>
#include <optional>
#include <string>

#include "cli/recipe_argument.h"
#include "cli/verb_options.h"
#include "cli/verbs.h"

namespace peft::host {

ExitCode report(const Invocation& invocation) {
  VerbOptions options(invocation);
  std::optional<std::string> output;
  options.text("output", "FILE", output, "writes the page there; by default RUN/report.html");
  options.remark(
      "The page needs nothing beside it: no network, no other file. It is of what there is, of a run that "
      "is\n"
      "not finished, too. 'run' and 'eval' write it at their end.");
  const auto words = options.parse();
  if (!words) return ExitCode::done;

  const std::string folder = only_argument(*words, "RUN");
  std::cout << write_run_report(folder, output).string() << "\n";
  return ExitCode::done;
}

}  // namespace peft::host
