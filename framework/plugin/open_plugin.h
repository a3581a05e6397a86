// The second stage of the handshake: a library is opened and says of itself what it was built for.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "peft/plugin_info.h"

namespace peft::host {

// Opens `file` (an absolute path) after `check_abi`, with every symbol resolved at once, and checks what its
// entry point returns. The library stays open until the process ends, so the result and everything the plugin
// makes stay valid. Throws `peft::Error` naming the file: it cannot be opened (the linker's words say which
// symbol is missing), has no entry point, or does not fit this host (every difference, a line each).
const PluginInfo& open_plugin(const std::filesystem::path& file);

// Every field of `info` that does not fit this host as a sentence that says what to rebuild; empty where all
// fit.
std::vector<std::string> info_differences(const PluginInfo& info);

}  // namespace peft::host
