#include "attention.h"

#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>

namespace peft {
namespace {

// [T, heads, head size] as the [1, heads, T, head size] that LibTorch wants: a view.
at::Tensor heads_first(const at::Tensor& x) {
  return x.transpose(0, 1).unsqueeze(0);
}

}  // namespace

at::Tensor attend(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, bool causal) {
  const int64_t queries = q.size(0);
  const int64_t in_front = k.size(0) - queries;
  const bool grouped = q.size(1) != k.size(1);
  // One query sees everything in any case. LibTorch's own causal mask would count from the first key, so it
  // serves only where nothing stands in front.
  const bool plain_causal = causal && queries > 1 && in_front == 0;
  std::optional<at::Tensor> mask;
  if (causal && queries > 1 && in_front > 0) {
    mask = at::ones({queries, k.size(0)}, q.options().dtype(at::kBool)).tril(in_front);
  }
  const at::Tensor out = at::scaled_dot_product_attention(heads_first(q), heads_first(k), heads_first(v),
                                                          mask, 0.0, plain_causal, std::nullopt, grouped);
  return out.squeeze(0).transpose(0, 1);
}

}  // namespace peft
