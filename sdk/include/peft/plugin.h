// What makes a shared library a plugin: one exported function and one ELF section, both written by
// PEFT_PLUGIN.
//
// Before a library is opened, the host reads the names of its ELF sections: one of them carries the ABI it
// was built for, so that a library of another SDK or LibTorch is refused without running any of its code.
// After it is opened, the function below returns a plain structure that is checked again, field by field.
// Plugins are trusted code: they run with all rights of the user.
//
//     void register_lora(peft::Registry& registry) { registry.add(peft::MethodDescriptor{…}); }
//     PEFT_PLUGIN("lora", "1.0.0", register_lora)
#pragma once

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include <cstdint>

#include "peft/registry.h"
#include "peft/version.h"

namespace peft {

struct PluginInfo {
  uint64_t magic;        // plugin_magic
  uint32_t size;         // sizeof(PluginInfo)
  uint32_t sdk_number;   // PEFT_SDK_NUMBER; must be equal
  uint32_t torch_major;  // must be equal, both
  uint32_t torch_minor;
  uint32_t cxx11_abi;     // _GLIBCXX_USE_CXX11_ABI; must be equal
  uint32_t compiler_abi;  // __GXX_ABI_VERSION's family; must be equal
  const char* name;
  const char* version;
  const char* header_hash;  // of the SDK's headers it was compiled with; reported, not enforced
  void (*register_components)(Registry&);
};

inline constexpr uint64_t plugin_magic = 0x5045'4654'504c'5547;  // "PEFTPLUG"

// The name under which the host looks for the entry point.
inline constexpr const char* plugin_entry_point = "peft_plugin_info";

}  // namespace peft

#define PEFT_STRINGIFY_(x) #x
#define PEFT_STRINGIFY(x) PEFT_STRINGIFY_(x)
// ".peft.abi.1-2.13-1": SDK number, LibTorch's major.minor, the C++11 ABI flag.
#define PEFT_ABI_SECTION                                                                                   \
  ".peft.abi." PEFT_STRINGIFY(PEFT_SDK_NUMBER) "-" PEFT_STRINGIFY(TORCH_VERSION_MAJOR) "." PEFT_STRINGIFY( \
      TORCH_VERSION_MINOR) "-" PEFT_STRINGIFY(_GLIBCXX_USE_CXX11_ABI)

#define PEFT_PLUGIN(plugin_name, plugin_version, register_function)                                \
  extern "C" {                                                                                     \
  extern const char peft_plugin_abi[];                                                             \
  __attribute__((section(PEFT_ABI_SECTION), visibility("default"))) const char peft_plugin_abi[] = \
      PEFT_ABI_SECTION;                                                                            \
  __attribute__((visibility("default"))) const peft::PluginInfo* peft_plugin_info() noexcept;      \
  const peft::PluginInfo* peft_plugin_info() noexcept {                                            \
    static const peft::PluginInfo info{                                                            \
        peft::plugin_magic,  sizeof(peft::PluginInfo), PEFT_SDK_NUMBER,   TORCH_VERSION_MAJOR,     \
        TORCH_VERSION_MINOR, _GLIBCXX_USE_CXX11_ABI,   PEFT_COMPILER_ABI, plugin_name,             \
        plugin_version,      PEFT_SDK_HEADER_HASH,     register_function};                         \
    return &info;                                                                                  \
  }                                                                                                \
  }
