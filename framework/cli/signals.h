// Interruption: the first signal asks the engine to save and come back, the second one ends the program.
#pragma once

namespace peft::host {

// SIGINT, SIGTERM and SIGHUP (unless it is ignored: nohup) from here on. The second one ends the program at
// once with exit code 130.
void catch_interruptions();

// Whether one has arrived.
bool interrupted();

// A reader that goes away must not end a run that goes on without it; writing to it fails instead.
void ignore_broken_pipes();

}  // namespace peft::host
