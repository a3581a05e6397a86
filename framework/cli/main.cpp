// peft-host: one verb, then what belongs to it. Everything starts here; each call leads one level down.
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "base/suggest.h"
#include "cli/errors.h"
#include "cli/help.h"
#include "cli/verbs.h"
#include "peft/error.h"

namespace peft::host {
namespace {

const Verb& find_verb(const std::string& name) {
  std::vector<std::string> names;
  std::string listed;
  for (const Verb& verb : verbs()) {
    if (verb.name == name) return verb;
    names.emplace_back(verb.name);
    listed += (listed.empty() ? "" : ", ") + names.back();
  }
  const bool is_option = !name.empty() && name.front() == '-';
  throw UsageError(is_option ? "found the option '" + name + "', expected a verb first: " + listed
                             : "unknown verb '" + name + "'" + did_you_mean(name, names) +
                                   " (there are: " + listed + ")");
}

ExitCode carry_out(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2) throw UsageError("found no verb, expected one; see 'peft-host --help'");
  const std::string& first = arguments[1];
  if (first == "--help" || first == "-h") return show_help();
  if (first == "--version") return show_version();
  const Verb& verb = find_verb(first);
  return verb.carry_out({arguments[0], &verb, {arguments.begin() + 2, arguments.end()}});
}

// Results that did not reach their reader are a failure.
ExitCode with_results_written(ExitCode code) {
  if (std::cout.flush() || code != ExitCode::done) return code;
  throw Error("cannot write to standard output");
}

// All that is ours is closed and written. What a return from main would still do is take LibTorch's tables
// apart, which takes as long as a short verb itself.
[[noreturn]] void leave(ExitCode code) {
  std::cout.flush();
  std::fflush(nullptr);
#ifdef __SANITIZE_ADDRESS__
  std::exit(static_cast<int>(code));  // its leak check runs at exit
#else
  std::_Exit(static_cast<int>(code));
#endif
}

}  // namespace
}  // namespace peft::host

int main(int argc, char** argv) {
  using namespace peft::host;
  const ExitCode code = run_guarded(
      [&] { return with_results_written(carry_out(std::vector<std::string>(argv, argv + argc))); });
  leave(code);
}
