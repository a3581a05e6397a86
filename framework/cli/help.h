// What the program is and what can be typed.
#pragma once

#include "cli/exit_code.h"

namespace peft::host {

ExitCode show_help();
ExitCode show_version();

}  // namespace peft::host
