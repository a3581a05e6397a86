// The plugins of a run: each is loaded when something of it is first asked for, so that a recipe pays for the
// plugins it names and no others.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/load_plugin.h"
#include "plugin/plugin_catalogue.h"

namespace peft::host {

// What a run records of a plugin it loaded.
struct PluginRecord {
  std::string name;
  std::string version;
  std::string headers;  // hash of the SDK headers it was compiled with
  std::filesystem::path library;
  std::string sha256;  // of the library
};

// Not for several threads at once.
class PluginSet {
 public:
  // Loads nothing yet. The catalogue must outlive the set.
  explicit PluginSet(const PluginCatalogue& catalogue) : catalogue_(catalogue) {}

  // Each throws `peft::UsageError` where the catalogue has none of that name, with the nearest, and
  // `peft::Error` where its plugin cannot be loaded or is not what its manifest says. References stay valid
  // as long as the set.
  const MethodDescriptor& method(std::string_view name);
  const ModelFamilyDescriptor& model_family(std::string_view name);
  const DatasetDescriptor& dataset(std::string_view name);
  const MetricDescriptor& metric(std::string_view name);
  const TaskDescriptor& task(std::string_view name);

  // Of the catalogue, sorted; none is loaded for it.
  std::vector<std::string> method_names() const { return catalogue_.names(ComponentKind::method); }

  void load_all();

  // Of the plugin that brings this component, loaded or not. Throws `peft::UsageError` where none does.
  PluginRecord record(ComponentKind kind, std::string_view name) const;

  // What was loaded so far, by path.
  std::vector<PluginRecord> loaded() const;

 private:
  template <class Descriptor>
  const Descriptor& find(ComponentKind kind, std::string_view name);
  const PluginFile& provider(ComponentKind kind, std::string_view name) const;
  const LoadedPlugin& load(const PluginFile& plugin);

  const PluginCatalogue& catalogue_;
  std::map<std::filesystem::path, LoadedPlugin> loaded_;
};

}  // namespace peft::host
