#include "attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>

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

at::Tensor attend_packed(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const std::vector<int64_t>& offsets, bool causal) {
  if (can_fuse_attention(q, k, v)) return fused_attention(q, k, v, front, offsets, causal);
  std::vector<at::Tensor> outputs;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    const int64_t begin = offsets[s];
    const int64_t length = offsets[s + 1] - begin;
    outputs.push_back(attend(q.narrow(0, begin, length), with_front(front.keys, k.narrow(0, begin, length)),
                             with_front(front.values, v.narrow(0, begin, length)), causal));
  }
  return at::cat(outputs).reshape({q.size(0), q.size(1) * q.size(2)});
}

}  // namespace peft
