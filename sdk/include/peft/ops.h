// Operations that model families and tasks share.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>

#include "peft/forward.h"
#include "peft/sites.h"

namespace peft {

// Of each row of x [M, d] (Ba et al. 2016, arXiv:1607.06450). Computed in x's type and given in `type`: that
// of the linear which reads it (Forward::operand_type). Keeps x alone for the backward pass.
at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon,
                      at::ScalarType type);

// x + y and the norm of it, in one pass over the rows: what stands between two sublayers. y [M, d] in any
// type; the sum is in x's type. Keeps the sum alone.
struct SumAndNorm {
  at::Tensor sum;
  at::Tensor normed;
};
SumAndNorm add_layer_norm(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight,
                          const at::Tensor& bias, double epsilon, at::ScalarType type);

// x · weight / √(mean(x²) + epsilon) of each row (Zhang and Sennrich 2019, arXiv:1910.07467). Otherwise as
// the two above.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon, at::ScalarType type);
SumAndNorm add_rms_norm(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight, double epsilon,
                        at::ScalarType type);

// The activation of that name in Hugging Face's configurations: "gelu", "gelu_new", "gelu_pytorch_tanh",
// "relu", "silu". Throws `peft::Error` for another one.
at::Tensor activation(const at::Tensor& x, std::string_view name);

// silu(gate) · x, both [M, f] (Shazeer 2020, arXiv:2002.05202). Keeps the two alone.
at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& x);

// Rotary positions (Su et al. 2021, arXiv:2104.09864) in Hugging Face's order of a head's features: i and
// i + head size / 2 are a pair. x [M, heads, head size]; cosines and sines [M, head size / 2], float32
// (float64 on a float64 base). A new tensor of x's type.
at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines);

// The tanh form of GELU (Hendrycks and Gimpel 2016, arXiv:1606.08415; `gelu_new` in Hugging Face's
// configurations). Keeps x alone.
at::Tensor gelu_tanh(const at::Tensor& x);

// Queries, keys and values of a fused projection y [M, (heads + 2 · key_value_heads) · head_size]: [M, heads,
// head_size] and twice [M, key_value_heads, head_size]. Views of y; their gradients are put together without
// a copy where Forward::attention made them.
struct QueriesKeysValues {
  at::Tensor q;
  at::Tensor k;
  at::Tensor v;
};
QueriesKeysValues split_heads(const at::Tensor& y, int64_t heads, int64_t key_value_heads, int64_t head_size);

// The targets of a batch: the label of a token is predicted by the row before it in its sequence (a virtual
// token's row, for a first real token that has one in front).
struct TargetRows {
  at::Tensor rows;  // [T] int64: the row of `hidden` that predicts
  at::Tensor ids;   // [T] int64: the id to be predicted
  int64_t count() const;
};

TargetRows target_rows(const Forward& forward);
// Without the first real token of each sequence, whatever stands in front: what perplexity scores, for every
// method the same.
TargetRows scored_rows(const Forward& forward);

// Σ −log p(id) over the targets, a scalar in float32 (float64 on a float64 base), from logits in float32. The
// vocabulary projection is computed at the targets only, `targets_at_once` rows at a time, and the gradient
// is formed in the forward pass: [T, vocabulary] never exists.
inline constexpr int64_t targets_at_once = 256;
at::Tensor target_loss(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                       const TargetRows& targets);

// −log p(id) of each target, [T], float64 on the CPU. Without gradient.
at::Tensor target_nll(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                      const TargetRows& targets);

}  // namespace peft
