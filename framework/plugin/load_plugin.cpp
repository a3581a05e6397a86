#include "plugin/load_plugin.h"

#include <exception>
#include <string>

#include "peft/error.h"
#include "plugin/open_plugin.h"
#include "plugin/plugin_abi.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

void register_components(const PluginInfo& info, const std::string& plugin, Registry& registry) {
  const auto fail = [&](const std::string& what) {
    return Error(plugin + ": its registration failed: " + what);
  };
  try {
    info.register_components(registry);
  } catch (const std::exception& failure) {
    throw fail(failure.what());
  } catch (...) {
    throw fail("it threw something that is not a std::exception; this is a fault of the plugin");
  }
}

}  // namespace

LoadedPlugin load_plugin(const fs::path& library) {
  const PluginInfo& info = open_plugin(library);
  const std::string plugin =
      std::string("plugin ") + info.name + " " + info.version + " (" + library.string() + ")";
  ComponentRegistry registry(plugin);
  register_components(info, plugin, registry);

  LoadedPlugin loaded;
  loaded.library = library;
  loaded.components = registry.take();
  loaded.manifest = {info.name, info.version, host_abi().text(),
                     info.header_hash == nullptr ? "" : info.header_hash, registry.infos()};
  for (ComponentInfo& component : loaded.manifest.components) {
    component.file = library.string();
    component.plugin = info.name;
    component.version = info.version;
  }
  return loaded;
}

}  // namespace peft::host
