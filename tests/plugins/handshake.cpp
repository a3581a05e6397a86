// A plugin made by hand, so that each part of the handshake can be made wrong by one definition (see
// CMakeLists.txt).
#include "peft/plugin_info.h"

#ifndef SECTION
#define SECTION PEFT_ABI_SECTION
#endif
#ifndef MAGIC
#define MAGIC peft::plugin_magic
#endif
#ifndef SIZE
#define SIZE sizeof(peft::PluginInfo)
#endif
#ifndef SDK_NUMBER
#define SDK_NUMBER PEFT_SDK_NUMBER
#endif
#ifndef TORCH_MINOR
#define TORCH_MINOR TORCH_VERSION_MINOR
#endif
#ifndef CXX11_ABI
#define CXX11_ABI _GLIBCXX_USE_CXX11_ABI
#endif
#ifndef COMPILER_ABI
#define COMPILER_ABI PEFT_COMPILER_ABI
#endif
#ifndef NAME
#define NAME "handmade"
#endif

extern "C" {
extern const char peft_plugin_abi[];
__attribute__((section(SECTION))) const char peft_plugin_abi[] = SECTION;
}

#ifdef MISSING_SYMBOL
void function_that_nobody_defines();
#endif

namespace {
[[maybe_unused]] void register_nothing(peft::Registry&) {
#ifdef MISSING_SYMBOL
  function_that_nobody_defines();
#endif
}
}  // namespace

#ifndef NO_ENTRY_POINT
extern "C" __attribute__((visibility("default"))) const peft::PluginInfo* peft_plugin_info() noexcept {
#ifdef RETURNS_NULL
  return nullptr;
#else
  static const peft::PluginInfo info{MAGIC,       SIZE,      SDK_NUMBER,       TORCH_VERSION_MAJOR,
                                     TORCH_MINOR, CXX11_ABI, COMPILER_ABI,     NAME,
                                     "1.0.0",     "unknown", &register_nothing};
  return &info;
#endif
}
#endif
