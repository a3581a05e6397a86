// Scaled dot-product attention over sequences packed end to end.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace peft {

// Keys and values learned for one site, all methods' together; both undefined: none.
struct InFront {
  at::Tensor keys;    // [P, key/value heads, head size]
  at::Tensor values;  // the same
};

// Each sequence with itself: rows offsets[s] … offsets[s+1]-1 of q [N, heads, head size] against those of k
// and v [N, key/value heads, head size], with what is in front. Causal: a token sees what is in front and its
// own sequence up to itself. Returns [N, heads · head size] in q's type. Keeps q, k, v and the result.
at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const std::vector<int64_t>& offsets, bool causal);

// One sequence, by LibTorch: q [T, heads, head size] against k, v [S, key/value heads, head size], of which
// the last T are its own. Causal: token i sees the S - T in front and its own up to i. Returns [T, heads,
// head size].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal);

}  // namespace peft
