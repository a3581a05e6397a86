#include "plugin/manifest.h"

#include <algorithm>
#include <system_error>

#include "base/json.h"
#include "peft/error.h"
#include "plugin/component_fields.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

// Raised with every change of the layout; other numbers are refused.
constexpr int64_t manifest_format = 1;

const char* const remedy =
    "; build the plugin again with peft_add_plugin, or run `peft-plugin-manifest` on it";

std::string show(const Value* value) {
  return value == nullptr ? "nothing" : dump_json(*value);
}

std::string inside(const std::string& place, const std::string& key) {
  return place.empty() ? key : place + "." + key;
}

std::string difference(const Value* ours, const Value* theirs, const std::string& place) {
  if (ours != nullptr && theirs != nullptr) {
    if (*ours == *theirs) return "";
    if (ours->is_map() && theirs->is_map()) {
      for (const auto& [key, value] : ours->as_map()) {
        const std::string found = difference(&value, theirs->find(key), inside(place, key));
        if (!found.empty()) return found;
      }
    }
    if (ours->is_list() && theirs->is_list()) {
      const Value::List& a = ours->as_list();
      const Value::List& b = theirs->as_list();
      for (size_t i = 0; i < std::max(a.size(), b.size()); ++i) {
        std::string found = difference(i < a.size() ? &a[i] : nullptr, i < b.size() ? &b[i] : nullptr,
                                       inside(place, std::to_string(i)));
        if (!found.empty()) return found;
      }
    }
  }
  return place + ": manifest " + show(ours) + ", library " + show(theirs);
}

}  // namespace

fs::path manifest_path(const fs::path& library) {
  return fs::path(library).replace_extension(".json");
}

Value to_value(const PluginManifest& manifest) {
  Value::List components;
  for (const ComponentInfo& component : manifest.components)
    components.push_back(component_to_value(component));
  return Value::Map{{"manifest", manifest_format}, {"plugin", manifest.plugin},
                    {"version", manifest.version}, {"abi", manifest.abi},
                    {"headers", manifest.headers}, {"components", std::move(components)}};
}

PluginManifest manifest_from_value(const Value& value, const std::string& place, const fs::path& library) {
  const Value* format = value.find("manifest");
  if (format == nullptr || *format != Value(manifest_format)) {
    throw Error(place + ": found manifest format " + show(format) + ", expected " +
                std::to_string(manifest_format) + remedy);
  }
  try {
    PluginManifest manifest;
    manifest.plugin = value.at("plugin").as_text();
    manifest.version = value.at("version").as_text();
    manifest.abi = value.at("abi").as_text();
    manifest.headers = value.at("headers").as_text();
    for (const Value& item : value.at("components").as_list()) {
      ComponentInfo component = component_from_value(item);
      component.file = library.string();
      component.plugin = manifest.plugin;
      component.version = manifest.version;
      manifest.components.push_back(std::move(component));
    }
    return manifest;
  } catch (const Error& failure) {
    throw Error(place + ": this is not a plugin's manifest: " + failure.what() + remedy);
  }
}

PluginManifest read_manifest(const fs::path& library) {
  const fs::path file = manifest_path(library);
  std::error_code ignored;
  if (!fs::exists(file, ignored)) {
    throw Error(library.string() + ": expected its manifest " + file.filename().string() +
                " beside it, found none" + remedy);
  }
  return manifest_from_value(read_json_file(file.string()), file.string(), library);
}

std::string first_difference(const PluginManifest& manifest, const PluginManifest& library) {
  const Value ours = to_value(manifest);
  const Value theirs = to_value(library);
  return difference(&ours, &theirs, "");
}

}  // namespace peft::host
