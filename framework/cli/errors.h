// What the user is told when a verb fails.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "cli/exit_code.h"

namespace peft::host {

// The lines of an error, each as `PLACE: error: …`: those that say where they were found are kept as they
// are, others begin with the program's name. Indented lines belong to the one above.
std::string error_text(std::string_view message);

// Runs `verb` and turns what it throws into an exit code and text on stderr: nothing leaves here but a code.
ExitCode run_guarded(const std::function<ExitCode()>& verb);

}  // namespace peft::host
