// Interruption: the first signal asks the engine to save and come back, the second one ends the program.
#pragma once

#include <string_view>

namespace peft::host {

// SIGINT, SIGTERM and SIGHUP (unless it is ignored: nohup) from here on. The first one is answered with
// `message`, which must live on; the second one ends the program at once with exit code 130.
void catch_interruptions(
    std::string_view message = "\ninterrupted: saving what there is to save; once more stops at once\n");

// One that has arrived is forgotten, and from here on each ends the program, as it would by itself.
void stop_catching_interruptions();

// Whether one has arrived.
bool interrupted();

// A reader that goes away must not end a run that goes on without it; writing to it fails instead.
void ignore_broken_pipes();

}  // namespace peft::host
