// The plugins there are, by their manifests: what recipes are checked against and `plugins list` shows. No
// plugin's code is run and LibTorch is not loaded.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/manifest.h"
#include "recipe/catalogue.h"

namespace peft::host {

struct PluginFile {
  std::filesystem::path library;  // canonical
  PluginManifest manifest;
};

class PluginCatalogue : public Catalogue {
 public:
  // Reads the ABI section and the manifest of every library. A plugin that cannot be used (another ABI, no
  // manifest, a damaged file) or brings a name that another one has is left out and becomes a problem: check
  // `problems`.
  explicit PluginCatalogue(const std::vector<std::filesystem::path>& libraries);

  // A sentence for each plugin that was left out, naming its file (for a name taken twice, both files).
  const std::vector<std::string>& problems() const { return problems_; }
  // Throws `peft::Error` with all problems, a line each, where there are any. What runs a recipe must not go
  // on with fewer plugins than the user believes there are.
  void throw_if_problems() const;

  const std::vector<PluginFile>& plugins() const { return plugins_; }

  // The plugin that brings this component; null where none does.
  const PluginFile* provider(ComponentKind kind, std::string_view name) const;
  const ComponentInfo* find(ComponentKind kind, std::string_view name) const override;
  std::vector<std::string> names(ComponentKind kind) const override;  // sorted

 private:
  void add(const std::filesystem::path& library);

  std::vector<PluginFile> plugins_;
  std::vector<std::string> problems_;
};

}  // namespace peft::host
