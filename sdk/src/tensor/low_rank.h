// The products that a low-rank update is made of (Hu et al. 2021, arXiv:2106.09685). A panel [rank, width]
// stands between activations [M, width] and inner [M, rank]; panels are in the type of the trained tensors,
// activations in that of the base.
#pragma once

#include <ATen/core/Tensor.h>

namespace peft {

// x panelᵀ: [M, rank], in the panel's type.
at::Tensor shrink(const at::Tensor& x, const at::Tensor& panel);

// x += inner panel; rows of x may lie apart.
void expand(const at::Tensor& x, const at::Tensor& inner, const at::Tensor& panel);

// innerᵀ x: [rank, width], in inner's type.
at::Tensor gather(const at::Tensor& inner, const at::Tensor& x);

}  // namespace peft
