#include "plugin/plugin_abi.h"

#include <charconv>
#include <optional>

#include "peft/error.h"
#include "peft/plugin_info.h"
#include "plugin/section_names.h"

namespace peft::host {
namespace {

constexpr std::string_view section_prefix = ".peft.abi.";

std::optional<uint32_t> to_number(std::string_view text) {
  uint32_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

// "1-2.13-1"
std::optional<PluginAbi> parse_abi(std::string_view text) {
  const size_t first = text.find('-');
  const size_t last = text.rfind('-');
  if (first == std::string_view::npos || first == last) return {};
  const std::optional<uint32_t> sdk_number = to_number(text.substr(0, first));
  const std::optional<uint32_t> cxx11_abi = to_number(text.substr(last + 1));
  if (!sdk_number || !cxx11_abi) return {};
  return PluginAbi{*sdk_number, std::string(text.substr(first + 1, last - first - 1)), *cxx11_abi};
}

}  // namespace

std::string PluginAbi::text() const {
  return std::to_string(sdk_number) + "-" + torch + "-" + std::to_string(cxx11_abi);
}

const PluginAbi& host_abi() {
  static const PluginAbi abi = *parse_abi(std::string_view(PEFT_ABI_SECTION).substr(section_prefix.size()));
  return abi;
}

PluginAbi read_abi(const std::filesystem::path& file) {
  for (const std::string& name : section_names(file)) {
    if (!name.starts_with(section_prefix)) continue;
    const std::optional<PluginAbi> abi = parse_abi(std::string_view(name).substr(section_prefix.size()));
    if (!abi) {
      throw Error(file.string() + ": found section '" + name +
                  "', expected a name like '" PEFT_ABI_SECTION "'; rebuild the plugin with this host's SDK");
    }
    return *abi;
  }
  throw Error(file.string() + ": this library is not a peft-host plugin: it has no section " +
              std::string(section_prefix) +
              "*; make it one with PEFT_PLUGIN, or take it out of the plugin folder");
}

std::vector<std::string> abi_differences(const PluginAbi& found) {
  const PluginAbi& host = host_abi();
  std::vector<std::string> differences;
  if (found.sdk_number != host.sdk_number) {
    differences.push_back("found a plugin for SDK number " + std::to_string(found.sdk_number) +
                          ", expected " + std::to_string(host.sdk_number) +
                          "; rebuild the plugin with this host's SDK");
  }
  if (found.torch != host.torch) {
    differences.push_back("found a plugin for LibTorch " + found.torch + ", expected " + host.torch +
                          "; rebuild the plugin with the LibTorch this host was built with");
  }
  if (found.cxx11_abi != host.cxx11_abi) {
    differences.push_back(
        "found a plugin with the C++ ABI _GLIBCXX_USE_CXX11_ABI=" + std::to_string(found.cxx11_abi) +
        ", expected " + std::to_string(host.cxx11_abi) +
        "; rebuild the plugin with -D_GLIBCXX_USE_CXX11_ABI=" + std::to_string(host.cxx11_abi));
  }
  return differences;
}

void check_abi(const std::filesystem::path& file) {
  std::string problems;
  for (const std::string& difference : abi_differences(read_abi(file))) {
    problems += (problems.empty() ? "" : "\n") + file.string() + ": " + difference;
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace peft::host
