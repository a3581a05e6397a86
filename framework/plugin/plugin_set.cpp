#include "plugin/plugin_set.h"

#include <algorithm>

#include "base/sha256.h"
#include "peft/error.h"
#include "peft/names.h"

namespace peft::host {
namespace {

PluginRecord record_of(const std::filesystem::path& library, const PluginManifest& manifest) {
  return {manifest.plugin, manifest.version, manifest.headers, library, sha256_of_file(library)};
}

}  // namespace

const LoadedPlugin& PluginSet::load(const PluginFile& plugin) {
  const auto known = loaded_.find(plugin.library);
  if (known != loaded_.end()) return known->second;
  LoadedPlugin loaded = load_plugin(plugin.library);
  const std::string difference = first_difference(plugin.manifest, loaded.manifest);
  if (!difference.empty()) {
    throw Error(manifest_path(plugin.library).string() + ": this manifest is not that of " +
                plugin.library.string() + " (" + difference +
                "); build the plugin again, or run `peft-plugin-manifest` on it");
  }
  return loaded_.emplace(plugin.library, std::move(loaded)).first->second;
}

const PluginFile& PluginSet::provider(ComponentKind kind, std::string_view name) const {
  const PluginFile* plugin = catalogue_.provider(kind, name);
  if (plugin == nullptr) {
    throw UsageError("unknown " + std::string(kind_name(kind)) + " '" + std::string(name) + "'" +
                     did_you_mean(name, catalogue_.names(kind)));
  }
  return *plugin;
}

template <class Descriptor>
const Descriptor& PluginSet::find(ComponentKind kind, std::string_view name) {
  const auto& descriptors = std::get<std::vector<Descriptor>>(load(provider(kind, name)).components);
  // It is there: the plugin was found to be what its manifest says.
  return *std::find_if(descriptors.begin(), descriptors.end(),
                       [&](const Descriptor& descriptor) { return descriptor.name == name; });
}

const MethodDescriptor& PluginSet::method(std::string_view name) {
  return find<MethodDescriptor>(ComponentKind::method, name);
}
const ModelFamilyDescriptor& PluginSet::model_family(std::string_view name) {
  return find<ModelFamilyDescriptor>(ComponentKind::model, name);
}
const DatasetDescriptor& PluginSet::dataset(std::string_view name) {
  return find<DatasetDescriptor>(ComponentKind::dataset, name);
}
const MetricDescriptor& PluginSet::metric(std::string_view name) {
  return find<MetricDescriptor>(ComponentKind::metric, name);
}
const TaskDescriptor& PluginSet::task(std::string_view name) {
  return find<TaskDescriptor>(ComponentKind::task, name);
}

void PluginSet::load_all() {
  for (const PluginFile& plugin : catalogue_.plugins()) load(plugin);
}

PluginRecord PluginSet::record(ComponentKind kind, std::string_view name) const {
  const PluginFile& plugin = provider(kind, name);
  return record_of(plugin.library, plugin.manifest);
}

std::vector<PluginRecord> PluginSet::loaded() const {
  std::vector<PluginRecord> records;
  for (const auto& [library, plugin] : loaded_) records.push_back(record_of(library, plugin.manifest));
  return records;
}

}  // namespace peft::host
