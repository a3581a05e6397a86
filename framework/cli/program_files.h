// What belongs to the program, found from where its own file is: a build or an installation may be moved as a
// whole.
#pragma once

#include <filesystem>

namespace peft::host {

// The running executable, links followed. Throws `peft::Error` where the system does not say.
std::filesystem::path program_file();

// Each throws `peft::Error` naming the places that were looked at where there is none.
std::filesystem::path engine_file();     // lib/libpeft_engine.so beside it, or ../lib where it is installed
std::filesystem::path hub_file();        // libpeft_hub.so, in the same places
std::filesystem::path recipes_folder();  // ../recipes of the sources, or ../share/peft/recipes

}  // namespace peft::host
