#include "cli/engine_library.h"

#include <dlfcn.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "cli/program_files.h"
#include "peft/error.h"

namespace peft::host {
namespace {

std::string loader_message() {
  const char* message = ::dlerror();
  return message != nullptr ? message : "no reason given";
}

// By default a thread of LibTorch's OpenMP spins for milliseconds before it sleeps, so where another program
// wants the processor, threads wait for one another most of the time: several times slower on two busy cores.
// A short spin still bridges the gap between two operations. The library reads this when it is loaded; what
// the user has set stands.
void let_waiting_threads_sleep() {
  if (std::getenv("OMP_WAIT_POLICY") == nullptr) ::setenv("GOMP_SPINCOUNT", "30000", /*overwrite=*/0);
}

// oneDNN compiles a product for each number of rows it meets, nearly a megabyte each, and by default keeps
// 1,024 of them: batches without padding would fill that in hours, and it would be more than all else. 128
// hold the products of several sizes of micro-batches: measured in bfloat16, a run compiles a tenth more of
// them, a thousandth of its time.
void keep_few_compiled_products() {
  ::setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128", /*overwrite=*/0);
}

}  // namespace

std::unique_ptr<Engine> open_engine(const PluginCatalogue& catalogue) {
  let_waiting_threads_sleep();
  keep_few_compiled_products();
  const std::filesystem::path file = engine_file();
  // Now: a missing symbol is found here and not in the middle of a run. Local: plugins find the SDK and
  // LibTorch through their own dependencies, and errors are caught by type across libraries because their
  // type information has one home, peft_core, which the program links itself.
  void* library = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    throw Error("cannot open the engine: " + loader_message() +
                "; it needs the LibTorch that it was built with, at the same place");
  }
  const auto make = reinterpret_cast<MakeEngine>(::dlsym(library, engine_entry_point));
  if (make == nullptr) {
    throw Error(file.string() + ": found no '" + engine_entry_point +
                "', expected the engine of this program's own build; build or install everything again");
  }
  return std::unique_ptr<Engine>(make(catalogue));
}

}  // namespace peft::host
