// A plugin's manifest: what it says of itself, in a JSON file beside the library (lora.so, lora.json), so
// that recipes are checked and plugins listed without loading LibTorch. It is written by the build
// (`peft_add_plugin` runs peft-plugin-manifest) from the loaded library, and compared with it whenever the
// library is loaded.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "peft/value.h"
#include "recipe/catalogue.h"

namespace peft::host {

struct PluginManifest {
  std::string plugin;                     // "lora"
  std::string version;                    // "1.0.0"
  std::string abi;                        // "1-2.13-1"
  std::string headers;                    // hash of the SDK headers it was compiled with
  std::vector<ComponentInfo> components;  // in order of registration
};

// lora.so -> lora.json
std::filesystem::path manifest_path(const std::filesystem::path& library);

Value to_value(const PluginManifest& manifest);

// `library` becomes the components' plugin file; `place` names the manifest in errors. Throws `peft::Error`
// for whatever is missing, unknown or ill-typed.
PluginManifest manifest_from_value(const Value& value, const std::string& place,
                                   const std::filesystem::path& library);

// The manifest beside `library`. Throws `peft::Error` where there is none (saying how to make it) or a
// damaged one.
PluginManifest read_manifest(const std::filesystem::path& library);

// "components.0.options.2.default: manifest 8, library 16" where two manifests part; empty where they are
// equal.
std::string first_difference(const PluginManifest& manifest, const PluginManifest& library);

}  // namespace peft::host
