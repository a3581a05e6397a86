// Scaled dot-product attention over sequences packed end to end.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "attention_rules.h"

namespace peft {

// Which rows belong together: sequence s has queries queries[s] … queries[s+1]-1, and keys and values of its
// own in rows keys[s] … keys[s+1]-1, the same rows for attention of a sequence with itself.
struct AttentionRows {
  const std::vector<int64_t>& queries;
  const std::vector<int64_t>& keys;
};

// q [N, heads, head size], k and v [rows of keys, key/value heads, head size], with what is in front. Causal:
// a token sees what is in front and its own sequence up to itself. Returns [N, heads · head size] in q's
// type. Keeps q, k, v and the result.
at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const AttentionRows& rows, const AttentionRules& rules);

// One sequence, by LibTorch: q [T, heads, head size] against k, v [S, key/value heads, head size]. The last
// query stands at the last key's place. Returns [T, heads, head size].
at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const AttentionRules& rules);

}  // namespace peft
