// A linear of the base with the low-rank updates that stand at it, as one differentiable operation.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "peft/sites.h"

namespace peft {

// y's columns begin … begin+size-1 get scale · (dropped x · aᵀ) · bᵀ (Hu et al. 2021, arXiv:2106.09685).
struct LowRankUpdate {
  int64_t begin;
  int64_t size;
  at::Tensor a;  // [rank, in]
  at::Tensor b;  // [size, rank]
  double scale;
  double dropout;      // 0: none
  at::Tensor streams;  // [M] int64, of the dropout (see row_streams)
};

// x [M, in] -> [M, out] in x's type. Keeps x only where an update or the weight itself is trained.
// `decoding`: there is no gradient, and rows are few.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, WeightLayout layout,
                  std::vector<LowRankUpdate> updates, bool decoding = false);

}  // namespace peft
