#include "base/late_library.h"

#include <dlfcn.h>

#include "peft/error.h"

namespace peft::host {
namespace {

std::string loader_message() {
  const char* message = ::dlerror();
  return message != nullptr ? message : "no reason given";
}

}  // namespace

void* open_late(const std::filesystem::path& file, const char* entry_point, const std::string& what,
                const std::string& needs) {
  // Now: a missing symbol is found here and not in the middle of a run. Local: plugins find the SDK and
  // LibTorch through their own dependencies, and errors are caught by type across libraries because their
  // type information has one home, peft_core, which the program links itself.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr)
    throw Error("cannot open " + what + ": " + loader_message() + "; it needs " + needs);
  void* entry = ::dlsym(library, entry_point);
  if (entry != nullptr) return entry;
  throw Error(file.string() + ": found no '" + entry_point + "', expected " + what +
              " of this program's own build; build or install everything again");
}

}  // namespace peft::host
