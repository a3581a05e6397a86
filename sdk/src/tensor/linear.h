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

// Adds the update by x, dropped already, to its columns of y; returns what is between its two products, [M,
// rank].
at::Tensor add_update(const at::Tensor& y, const at::Tensor& x, const LowRankUpdate& update);

// x [M, in] -> [M, out] in x's type, multiplied in `type`: a weight that is trained is float32 also where the
// base is bfloat16. Keeps x only where an update or the weight itself is trained.
at::Tensor linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, WeightLayout layout,
                  std::vector<LowRankUpdate> updates, at::ScalarType type);

}  // namespace peft
