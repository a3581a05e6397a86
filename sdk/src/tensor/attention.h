// Scaled dot-product attention over sequences packed end to end.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace peft {

// One sequence: q [T, heads, head size] against k, v [S, key/value heads, head size], of which the last T are
// its own. Causal: token i sees the S - T in front and its own up to i. Returns [T, heads, head size].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal);

}  // namespace peft
