// What calls of the vectorised kernels on rows share.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "kernel_choice.h"

namespace peft {

// Fewer are not worth another thread.
inline constexpr int64_t rows_a_thread = 8;
inline constexpr int64_t elements_a_thread = 1 << 14;

// A norm computes in float32.
inline bool has_norm_kernel(const at::Tensor& x) {
  return x.scalar_type() == at::kFloat && simd_for(x) != nullptr;
}

template <class T>
T* data_or_null(const at::Tensor& x) {
  return x.defined() ? static_cast<T*>(x.data_ptr()) : nullptr;
}

}  // namespace peft
