// The first stage of the handshake: what a plugin was built for, read from the name of a section before any
// of its code is run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

// ".peft.abi.1-2.13-1" in parts.
struct PluginAbi {
  uint32_t sdk_number = 0;
  std::string torch;       // "2.13": LibTorch's major and minor version
  uint32_t cxx11_abi = 0;  // _GLIBCXX_USE_CXX11_ABI

  std::string text() const;  // "1-2.13-1"
  bool operator==(const PluginAbi& other) const = default;
};

// What this host was built for.
const PluginAbi& host_abi();

// Throws `peft::Error` where the file is not a library, or none that PEFT_PLUGIN made.
PluginAbi read_abi(const std::filesystem::path& file);

// Every difference from this host as a sentence that says what to rebuild; empty where the plugin fits.
std::vector<std::string> abi_differences(const PluginAbi& found);

// Both of them: throws `peft::Error` with every difference, a line each.
void check_abi(const std::filesystem::path& file);

}  // namespace peft::host
