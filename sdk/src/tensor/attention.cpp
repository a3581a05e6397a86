#include "attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>

#include <limits>

#include "fused_attention.h"

namespace peft {
namespace {

// [T, heads, head size] as the [1, heads, T, head size] that LibTorch wants: a view.
at::Tensor heads_first(const at::Tensor& x) {
  return x.transpose(0, 1).unsqueeze(0);
}

// What was learned for one site, if anything, in front of its own keys or values.
at::Tensor with_front(const at::Tensor& learned, const at::Tensor& own) {
  return learned.defined() ? at::cat({learned.to(own.scalar_type()), own}) : own;
}

// [1, heads, queries, keys]: what is added to each score; −∞ where a key is not to be seen.
at::Tensor bias_of_pairs(const DistanceBias& bias, int64_t queries, int64_t keys, bool causal) {
  const auto places = [&](int64_t first, int64_t count) {
    return at::arange(first, first + count, at::TensorOptions(bias.values.device()).dtype(at::kLong));
  };
  const at::Tensor distance = places(0, keys).unsqueeze(0) - places(keys - queries, queries).unsqueeze(1);
  const at::Tensor column = (distance - bias.lowest).clamp_max(bias.values.size(1) - 1);
  const at::Tensor added =
      bias.values.index_select(1, column.flatten()).view({1, bias.values.size(0), queries, keys});
  return causal ? added.masked_fill(distance > 0, -std::numeric_limits<double>::infinity()) : added;
}

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                  const AttentionRules& rules) {
  const int64_t queries = q.size(0);
  const bool grouped = q.size(1) != k.size(1);
  // One query sees everything in any case. LibTorch's own causal mask would count from the first key, so it
  // serves only where nothing stands in front.
  const bool causal = rules.causal && queries > 1;
  const bool has_bias = rules.bias.values.defined();
  const bool plain_causal = causal && !has_bias && k.size(0) == queries;
  std::optional<at::Tensor> mask;
  if (has_bias) {
    mask = bias_of_pairs(rules.bias, queries, k.size(0), causal).to(q.scalar_type());
  } else if (causal && !plain_causal) {
    mask = at::ones({queries, k.size(0)}, q.options().dtype(at::kBool)).tril(k.size(0) - queries);
  }
  const at::Tensor out = at::scaled_dot_product_attention(heads_first(q), heads_first(k), heads_first(v),
                                                          mask, 0.0, plain_causal, rules.scale, grouped);
  return out.squeeze(0).transpose(0, 1);
}

at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const AttentionRows& rows, const AttentionRules& rules) {
  if (can_fuse_attention(q, k, v)) return fused_attention(q, k, v, front, rows, rules);
  std::vector<at::Tensor> outputs;
  for (size_t s = 0; s + 1 < rows.queries.size(); ++s) {
    const auto keys_of = [&](const at::Tensor& x) {
      return x.narrow(0, rows.keys[s], rows.keys[s + 1] - rows.keys[s]);
    };
    outputs.push_back(attend(q.narrow(0, rows.queries[s], rows.queries[s + 1] - rows.queries[s]),
                             with_front(front.keys, keys_of(k)), with_front(front.values, keys_of(v)),
                             rules));
  }
  return at::cat(outputs).reshape({q.size(0), q.size(1) * q.size(2)});
}

}  // namespace peft
