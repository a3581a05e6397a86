// Products with a model's weights, by the kernels in use. Without gradients: see linear.h.
#pragma once

#include <ATen/core/Tensor.h>

namespace peft {

// x [M, in] wᵀ + bias, w a view [out, in] of a weight in either layout, x of the same type; bias undefined:
// none.
at::Tensor product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias = {});

}  // namespace peft
