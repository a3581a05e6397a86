// A plugin, loaded: both stages of the handshake, then what it registers.
#pragma once

#include <filesystem>

#include "plugin/component_registry.h"
#include "plugin/manifest.h"

namespace peft::host {

struct LoadedPlugin {
  std::filesystem::path library;
  PluginManifest manifest;  // as the library itself says
  Components components;
};

// `library` is an absolute path. Throws `peft::Error` naming the file; nothing of a plugin that fails
// half-way is kept but its code, which is never unloaded.
LoadedPlugin load_plugin(const std::filesystem::path& library);

}  // namespace peft::host
