#include "engine/environment.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <ATen/ops/acos.h>
#include <ATen/ops/asin.h>
#include <ATen/ops/atan.h>
#include <ATen/ops/cos.h>
#include <ATen/ops/erf.h>
#include <ATen/ops/erfc.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/expm1.h>
#include <ATen/ops/log.h>
#include <ATen/ops/log10.h>
#include <ATen/ops/log1p.h>
#include <ATen/ops/log2.h>
#include <ATen/ops/sin.h>
#include <ATen/ops/sqrt.h>
#include <ATen/ops/tan.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/zeros.h>
#include <sched.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#if __has_include(<torch/headeronly/version.h>)
#include <torch/headeronly/version.h>
#else
#include <torch/csrc/api/include/torch/version.h>
#endif

#include "peft/error.h"
#include "peft/kernels.h"

namespace peft::host {
namespace {

// Processors this process may use: a container's share, not the machine's.
int64_t usable_processors() {
  cpu_set_t allowed;
  if (sched_getaffinity(0, sizeof allowed, &allowed) == 0) return std::max(1, CPU_COUNT(&allowed));
  return std::max(1u, std::thread::hardware_concurrency());
}

// MKL chooses the kernel of a vector function at its first call. Where that call comes from several threads
// at once, one of them may compute its part with a kernel of low accuracy (pytorch issue 188792): another
// loss in a process's first step, one process in ten where the processors are busy. So each first call comes
// from one thread.
void settle_vector_functions() {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    const at::Tensor one = at::zeros({1}, type).add_(1);
    for (const auto function :
         {at::exp, at::expm1, at::log, at::log1p, at::log2, at::log10, at::sqrt, at::sin, at::cos, at::tan,
          at::tanh, at::asin, at::acos, at::atan, at::erf, at::erfc})
      function(one);
  }
}

void choose_wished_kernels() {
  const char* wish = std::getenv("PEFT_KERNELS");
  try {
    choose_kernels(wish == nullptr ? "" : wish);
  } catch (const UsageError& error) {
    throw UsageError(std::string("PEFT_KERNELS: error: ") + error.what());
  }
}

}  // namespace

std::vector<std::string> resolve_environment(Recipe& recipe) {
  choose_wished_kernels();
  if (recipe.device == "auto") recipe.device = at::hasCUDA() ? "cuda" : "cpu";
  if (recipe.device == "cuda" && !at::hasCUDA()) {
    throw UsageError(recipe.where("device").text() +
                     ": error: 'device: cuda' was asked for, but this LibTorch sees no CUDA device; set it "
                     "to cpu or auto");
  }
  if (!recipe.threads) recipe.threads = usable_processors();
  if (recipe.dtype != "bfloat16" || recipe.device != "cpu" || computes_bfloat16()) return {};
  recipe.dtype = "float32";
  return {
      "this processor has no instructions for bfloat16 and would only be slower in it: computing in float32 "
      "(PEFT_KERNELS=any-bf16 computes in bfloat16 all the same)"};
}

at::Device enter_environment(const Recipe& recipe) {
  at::set_num_threads(static_cast<int>(*recipe.threads));
  settle_vector_functions();
  return at::Device(recipe.device == "cuda" ? at::kCUDA : at::kCPU);
}

std::string libtorch_version() {
  return TORCH_VERSION;
}

std::string cpu_capability() {
  return at::get_cpu_capability() + "; " + kernels_in_use();
}

}  // namespace peft::host
