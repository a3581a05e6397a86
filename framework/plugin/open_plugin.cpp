#include "plugin/open_plugin.h"

#include <dlfcn.h>

#include <boost/dll/shared_library.hpp>
#include <string_view>

#include "peft/error.h"
#include "plugin/plugin_abi.h"

namespace fs = std::filesystem;

namespace peft::host {
namespace {

const char* const rebuild = "; rebuild the plugin with this host's SDK";

std::string found_expected(const std::string& what, const std::string& found, const std::string& expected) {
  return "found " + what + " " + found + ", expected " + expected;
}

bool is_empty(const char* text) {
  return text == nullptr || *text == '\0';
}

boost::dll::shared_library open_library(const fs::path& file) {
  // The mode is stated in full: Boost's default binds lazily, and a plugin with a missing symbol would end
  // the program in the middle of a run.
  constexpr auto mode = boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local;
  std::error_code problem;
  boost::dll::shared_library library(file, problem, mode);
  if (problem) {
    const char* reason = ::dlerror();
    throw Error(file.string() + ": the plugin cannot be opened: " +
                (reason == nullptr ? problem.message() : std::string(reason)) +
                "; build it with peft_add_plugin, which links it with all that it uses");
  }
  return library;
}

// Objects, functions and exceptions of a plugin may live to the end of the process, and unloading their code
// would crash it. So the library is pinned, and closing a handle no longer unloads it.
void keep_open(const fs::path& file) {
  if (::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL | RTLD_NOLOAD | RTLD_NODELETE) == nullptr) {
    throw Error(file.string() + ": the plugin cannot be kept open: " + ::dlerror());
  }
}

}  // namespace

const PluginInfo& open_plugin(const fs::path& file) {
  check_abi(file);
  boost::dll::shared_library library = open_library(file);
  keep_open(file);
  if (!library.has(plugin_entry_point)) {
    throw Error(file.string() + ": found no entry point '" + plugin_entry_point +
                "'; the plugin's source must end in PEFT_PLUGIN(…)");
  }
  const auto entry_point = library.get<const PluginInfo*()>(plugin_entry_point);
  const PluginInfo* info = entry_point();
  if (info == nullptr) {
    throw Error(file.string() + ": the entry point '" + plugin_entry_point +
                "' returned nothing, expected the plugin's description; make it with PEFT_PLUGIN(…)");
  }
  std::string problems;
  for (const std::string& difference : info_differences(*info)) {
    problems += (problems.empty() ? "" : "\n") + file.string() + ": " + difference;
  }
  if (!problems.empty()) throw Error(problems);
  return *info;
}

std::vector<std::string> info_differences(const PluginInfo& info) {
  // Without the magic number nothing else in it means anything; of another size, its fields lie elsewhere.
  if (info.magic != plugin_magic) {
    return {
        "the entry point returned something that is no plugin description (its magic number is wrong); make "
        "it with "
        "PEFT_PLUGIN(…)"};
  }
  if (info.size != sizeof(PluginInfo)) {
    return {found_expected("a plugin description of", std::to_string(info.size) + " bytes",
                           std::to_string(sizeof(PluginInfo))) +
            rebuild};
  }
  std::vector<std::string> differences = abi_differences(
      {info.sdk_number, std::to_string(info.torch_major) + "." + std::to_string(info.torch_minor),
       info.cxx11_abi});
  if (info.compiler_abi != PEFT_COMPILER_ABI) {
    differences.push_back(found_expected("a compiler of ABI family", std::to_string(info.compiler_abi),
                                         std::to_string(PEFT_COMPILER_ABI)) +
                          "; rebuild the plugin with a compiler like the host's");
  }
  if (is_empty(info.name)) differences.emplace_back("found a plugin without a name; give PEFT_PLUGIN one");
  if (is_empty(info.version))
    differences.emplace_back("found a plugin without a version; give PEFT_PLUGIN one");
  if (info.register_components == nullptr) {
    differences.emplace_back(
        "found a plugin without a function that registers components; give PEFT_PLUGIN one");
  }
  return differences;
}

}  // namespace peft::host
