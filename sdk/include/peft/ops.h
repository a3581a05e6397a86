// Operations that model families and tasks share.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "peft/forward.h"
#include "peft/sites.h"

namespace peft {

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
// vocabulary projection is computed at the targets only, a few hundred rows at a time, and the gradient is
// formed in the forward pass: [T, vocabulary] never exists.
at::Tensor target_loss(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                       const TargetRows& targets);

// −log p(id) of each target, [T], float64 on the CPU. Without gradient.
at::Tensor target_nll(Forward& forward, LinearSite& head, const at::Tensor& hidden,
                      const TargetRows& targets);

}  // namespace peft
