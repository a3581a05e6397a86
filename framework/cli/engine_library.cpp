#include "cli/engine_library.h"

#include <cstdlib>

#include "base/late_library.h"
#include "cli/program_files.h"

namespace peft::host {
namespace {

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
  const auto make =
      reinterpret_cast<MakeEngine>(open_late(engine_file(), engine_entry_point, "the engine",
                                             "the LibTorch that it was built with, at the same place"));
  return std::unique_ptr<Engine>(make(catalogue));
}

}  // namespace peft::host
