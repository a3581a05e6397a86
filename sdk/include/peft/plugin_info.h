// The plain facts by which a host knows a plugin, and refuses one that was built for something else. Included
// by peft/plugin.h; of use alone to what only compares them: no tensor header comes with it.
#pragma once

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include <cstdint>

#include "peft/version.h"

namespace peft {

class Registry;

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
