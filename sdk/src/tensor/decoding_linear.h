// A linear of the base while sequences are decoded: there is no gradient, and rows are few.
#pragma once

#include "linear.h"

namespace peft {

// As linear, without dropout. A row or a few are limited by how fast the weight is read, and have a kernel of
// their own. Not for scoring, where figures must not depend on how many rows are computed together.
at::Tensor decoding_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           WeightLayout layout, const std::vector<LowRankUpdate>& updates);

}  // namespace peft
