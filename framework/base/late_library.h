// Libraries of the program's own that are opened late, because what they bring takes time to load.
#pragma once

#include <filesystem>
#include <string>

namespace peft::host {

// `file` without a folder is looked for where the object that calls this finds its own libraries.
//
// The address of `entry_point` in the library, which is never closed. Throws `peft::Error`: what the system
// says, and `needs` where the library cannot be opened. `what` names it: "the engine".
void* open_late(const std::filesystem::path& file, const char* entry_point, const std::string& what,
                const std::string& needs);

}  // namespace peft::host
