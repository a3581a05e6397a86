#include "kernel_choice.h"

#include <ATen/core/dispatch/Dispatcher.h>

#include <vector>

#include "peft/error.h"
#include "peft/kernels.h"

namespace peft {
namespace {

// Intel's MKL takes slower kernels on processors of other makers; oneDNN asks what a processor can do.
bool made_by_intel() {
#if defined(__x86_64__)
  return __builtin_cpu_is("intel") != 0;
#else
  return false;
#endif
}

bool multiplies_bfloat16() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512bf16") != 0;
#else
  return false;
#endif
}

bool has_onednn_linear() {
  return c10::Dispatcher::singleton().findSchema({"mkldnn::_linear_pointwise", ""}).has_value();
}

std::vector<std::string_view> words_of(std::string_view list) {
  std::vector<std::string_view> words;
  while (!list.empty()) {
    const size_t comma = std::min(list.find(','), list.size());
    words.push_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return words;
}

KernelChoice choose(std::string_view wish) {
  KernelChoice choice;
  bool simd = true;
  bool at_most_avx2 = false;
  bool onednn = !made_by_intel();
  choice.bfloat16 = multiplies_bfloat16();
  const std::vector<std::string_view> words = words_of(wish);
  const auto has = [&](std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  if ((has("plain") && words.size() > 1) || (has("onednn") && has("no-onednn")))
    throw UsageError("the kernels '" + std::string(wish) + "' contradict each other; plain stands alone");
  for (const std::string_view word : words) {
    if (word == "plain") {
      choice.plain = true;
      simd = onednn = false;
    } else if (word == "no-simd") {
      simd = false;
    } else if (word == "avx2") {
      at_most_avx2 = true;
    } else if (word == "no-onednn") {
      onednn = false;
    } else if (word == "onednn") {
      onednn = true;
    } else if (word == "any-bf16") {
      choice.bfloat16 = true;
    } else {
      throw UsageError(
          "unknown kernels '" + std::string(word) +
          "'; expected plain, no-simd, avx2, no-onednn, onednn or any-bf16, separated by commas");
    }
  }
  if (simd) choice.simd = simd::best_kernels(at_most_avx2);
  choice.has_simd = choice.simd.target != nullptr;
  if (onednn && has_onednn_linear()) choice.products = MatrixProducts::onednn;
  return choice;
}

KernelChoice& current() {
  static KernelChoice choice = choose("");
  return choice;
}

}  // namespace

const KernelChoice& kernel_choice() {
  return current();
}

void choose_kernels(std::string_view wish) {
  current() = choose(wish);
}

std::string kernels_in_use() {
  const KernelChoice& choice = kernel_choice();
  if (choice.plain) return "LibTorch's plain operations";
  return (choice.has_simd ? choice.simd.target + std::string(" kernels") : "LibTorch's kernels") +
         (choice.products == MatrixProducts::onednn ? ", oneDNN" : ", BLAS");
}

bool computes_bfloat16() {
  return kernel_choice().bfloat16;
}

const simd::Kernels* simd_for(const at::Tensor& x) {
  const KernelChoice& choice = kernel_choice();
  const bool fits = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  return choice.has_simd && fits ? &choice.simd : nullptr;
}

}  // namespace peft
