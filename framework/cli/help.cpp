#include "cli/help.h"

#include <iostream>
#include <string>
#include <utility>
#include <vector>

#include "cli/text_table.h"
#include "cli/verbs.h"
#include "plugin/plugin_abi.h"

namespace peft::host {

ExitCode show_help() {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const Verb& verb : verbs()) lines.emplace_back(verb.usage, verb.summary);
  std::cout
      << "usage: peft-host VERB …\n\n"
      << "Parameter-efficient fine-tuning: methods, models, datasets, metrics and tasks are plugins, and a\n"
         "recipe puts them together.\n\n"
      << aligned_pairs(lines, 2)
      << "\n'peft-host VERB --help' shows a verb's options. Verbs that print a table take --json.\n"
         "Exit codes: 0 done, 1 failed while running, 2 wrong usage or recipe, 130 interrupted.\n";
  return ExitCode::done;
}

ExitCode show_version() {
  const PluginAbi& abi = host_abi();
  std::cout << "peft-host " << PEFT_HOST_VERSION << " (for LibTorch " << abi.torch
            << ", plugins of SDK number " << abi.sdk_number << ")\n";
  return ExitCode::done;
}

}  // namespace peft::host
