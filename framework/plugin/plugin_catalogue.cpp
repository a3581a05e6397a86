#include "plugin/plugin_catalogue.h"

#include <algorithm>

#include "peft/error.h"
#include "plugin/component_check.h"
#include "plugin/plugin_abi.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

std::string describe(const ComponentInfo& component) {
  return std::string(kind_name(component.kind)) + " '" + component.name + "'";
}

const ComponentInfo* find_in(const PluginFile& plugin, ComponentKind kind, std::string_view name) {
  for (const ComponentInfo& component : plugin.manifest.components) {
    if (component.kind == kind && component.name == name) return &component;
  }
  return nullptr;
}

// The manifest was made by some build, perhaps not of this library: its ABI must be the library's own.
void check_manifest(const fs::path& library, const PluginManifest& manifest) {
  const std::string abi = read_abi(library).text();
  if (manifest.abi != abi) {
    throw Error(manifest_path(library).string() + ": found the manifest of a library with ABI " +
                manifest.abi + ", expected " + abi + " as in " + library.string() +
                "; build the plugin again");
  }
  std::string problems;
  for (const ComponentInfo& component : manifest.components) {
    for (const std::string& fault : component_faults(component)) {
      problems += (problems.empty() ? "" : "\n") + manifest_path(library).string() + ": " +
                  describe(component) + ": " + fault;
    }
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace

PluginCatalogue::PluginCatalogue(const std::vector<fs::path>& libraries) {
  for (const fs::path& library : libraries) {
    try {
      add(library);
    } catch (const Error& problem) {
      problems_.emplace_back(problem.what());
    }
  }
}

void PluginCatalogue::add(const fs::path& library) {
  check_abi(library);
  PluginManifest manifest = read_manifest(library);
  check_manifest(library, manifest);
  for (const ComponentInfo& component : manifest.components) {
    const PluginFile* other = provider(component.kind, component.name);
    if (other == nullptr) continue;
    throw Error(library.string() + ": its " + describe(component) +
                " has a name that is taken by the one of " + other->library.string() +
                "; take one of the two files out of the plugin folders, or rename it");
  }
  plugins_.push_back({library, std::move(manifest)});
}

void PluginCatalogue::throw_if_problems() const {
  std::string all;
  for (const std::string& problem : problems_) all += (all.empty() ? "" : "\n") + problem;
  if (!all.empty()) throw Error(all);
}

const PluginFile* PluginCatalogue::provider(ComponentKind kind, std::string_view name) const {
  for (const PluginFile& plugin : plugins_) {
    if (find_in(plugin, kind, name) != nullptr) return &plugin;
  }
  return nullptr;
}

const ComponentInfo* PluginCatalogue::find(ComponentKind kind, std::string_view name) const {
  const PluginFile* plugin = provider(kind, name);
  return plugin == nullptr ? nullptr : find_in(*plugin, kind, name);
}

std::vector<std::string> PluginCatalogue::names(ComponentKind kind) const {
  std::vector<std::string> names;
  for (const PluginFile& plugin : plugins_) {
    for (const ComponentInfo& component : plugin.manifest.components) {
      if (component.kind == kind) names.push_back(component.name);
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace peft::host
