// The implementations in use (see peft/kernels.h).
#pragma once

#include <ATen/core/Tensor.h>

#include "simd/kernels.h"

namespace peft {

enum class MatrixProducts { blas, onednn };

struct KernelChoice {
  bool plain = false;  // no hot paths
  MatrixProducts products = MatrixProducts::blas;
  bool has_simd = false;
  simd::Kernels simd{};
  bool bfloat16 = false;
};

const KernelChoice& kernel_choice();

// The vectorised kernels, where they can compute on this tensor: dense rows of float32 or bfloat16 on the
// CPU. Else null.
const simd::Kernels* simd_for(const at::Tensor& x);

// Calls f with a float* or a bfloat16* into the tensor, as its type is.
template <class F>
void with_data(const at::Tensor& x, const F& f) {
  if (x.scalar_type() == at::kFloat) {
    f(static_cast<float*>(x.data_ptr()));
  } else {
    f(static_cast<simd::bfloat16*>(x.data_ptr()));
  }
}

}  // namespace peft
