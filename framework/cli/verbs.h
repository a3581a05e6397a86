// The verbs of the program.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/exit_code.h"

namespace peft::host {

struct Verb;

// What was typed.
struct Invocation {
  std::string program;  // as it was called: "build/peft-host"
  const Verb* verb = nullptr;
  std::vector<std::string> words;  // after the verb

  // The same words as a shell takes them.
  std::string typed() const;
};

struct Verb {
  std::string_view name;
  std::string_view usage;    // without the program's name
  std::string_view summary;  // one line
  ExitCode (*carry_out)(const Invocation& invocation);
};

// In the order in which --help shows them.
const std::vector<Verb>& verbs();

// Each in a file of its name.
ExitCode run(const Invocation& invocation);
ExitCode validate(const Invocation& invocation);
ExitCode evaluate(const Invocation& invocation);
ExitCode generate(const Invocation& invocation);
ExitCode chat(const Invocation& invocation);
ExitCode compare(const Invocation& invocation);
ExitCode export_run(const Invocation& invocation);
ExitCode report(const Invocation& invocation);
ExitCode inspect(const Invocation& invocation);
ExitCode plugins(const Invocation& invocation);
ExitCode recipes(const Invocation& invocation);

}  // namespace peft::host
