#include "engine/environment.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <sched.h>

#include <algorithm>
#include <thread>

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include "peft/error.h"

namespace peft::host {
namespace {

// Processors this process may use: a container's share, not the machine's.
int64_t usable_processors() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1u, std::thread::hardware_concurrency());
}

}  // namespace

void resolve_environment(Recipe& recipe) {
  if (recipe.device == "auto") recipe.device = at::hasCUDA() ? "cuda" : "cpu";
  if (recipe.device == "cuda" && !at::hasCUDA()) {
    throw UsageError(recipe.where("device").text() +
                     ": error: 'device: cuda' was asked for, but this LibTorch sees no CUDA device; set it "
                     "to cpu or auto");
  }
  if (!recipe.threads) recipe.threads = usable_processors();
}

at::Device enter_environment(const Recipe& recipe) {
  at::set_num_threads(static_cast<int>(*recipe.threads));
  return at::Device(recipe.device == "cuda" ? at::kCUDA : at::kCPU);
}

std::string libtorch_version() {
  return TORCH_VERSION;
}

std::string cpu_capability() {
  return at::get_cpu_capability();
}

}  // namespace peft::host
