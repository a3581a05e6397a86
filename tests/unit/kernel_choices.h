// The implementations of the hot operations that a test goes through.
#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "peft/kernels.h"

namespace peft::test {

// Puts the best kernels back.
struct Kernels {
  explicit Kernels(const std::string& wish) { choose_kernels(wish); }
  ~Kernels() { choose_kernels(""); }
};

inline const std::vector<std::string>& choices() {
  static const std::vector<std::string> all = {"", "avx2", "no-simd", "onednn", "no-onednn", "avx2,onednn"};
  return all;
}

inline double relative_distance(const at::Tensor& a, const at::Tensor& b) {
  return (a - b).norm().item().toDouble() / (1e-12 + b.norm().item().toDouble());
}

}  // namespace peft::test
