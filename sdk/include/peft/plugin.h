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

#include "peft/plugin_info.h"
#include "peft/registry.h"

#define PEFT_PLUGIN(plugin_name, plugin_version, register_function)                            \
  extern "C" {                                                                                 \
  __attribute__((visibility("default"))) extern const char peft_plugin_abi[];                  \
  __attribute__((section(PEFT_ABI_SECTION))) const char peft_plugin_abi[] = PEFT_ABI_SECTION;  \
  __attribute__((visibility("default"))) const peft::PluginInfo* peft_plugin_info() noexcept;  \
  const peft::PluginInfo* peft_plugin_info() noexcept {                                        \
    static const peft::PluginInfo info{                                                        \
        peft::plugin_magic,  sizeof(peft::PluginInfo), PEFT_SDK_NUMBER,   TORCH_VERSION_MAJOR, \
        TORCH_VERSION_MINOR, _GLIBCXX_USE_CXX11_ABI,   PEFT_COMPILER_ABI, plugin_name,         \
        plugin_version,      PEFT_SDK_HEADER_HASH,     register_function};                     \
    return &info;                                                                              \
  }                                                                                            \
  }
