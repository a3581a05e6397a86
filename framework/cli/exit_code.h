// How the program ends. A contract: scripts and schedulers read it.
#pragma once

namespace peft::host {

enum class ExitCode {
  done = 0,
  failed = 1,         // while running
  wrong_usage = 2,    // of the command line or a recipe
  interrupted = 130,  // after saving
};

}  // namespace peft::host
