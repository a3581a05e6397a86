// The update of a weight W [out, in], in terms of weights: what is added to it, and what merging makes of it.
#pragma once

#include <ATen/core/Tensor.h>

#include "peft/sites.h"

namespace peft::lora {

struct LowRank {
  double scale = 1.0;  // s
  at::Tensor a;        // [rank, in]
  at::Tensor b;        // [out, rank]
  // Where A and B started with values taken out of W (PiSSA, OLoRA): those values. Undefined elsewhere.
  at::Tensor a0;
  at::Tensor b0;
  at::Tensor magnitude;  // of DoRA, [out]; undefined without

  // s · (B A - B0 A0), [out, in].
  at::Tensor change() const;
  // DoRA's ‖W + change‖ of each row, [out]. A constant to the gradient (Liu et al. 2024, arXiv:2402.09353,
  // section 4.3).
  at::Tensor norms(const at::Tensor& base) const;
  // `weight` with the update in it, in the weight's type. `base` is W where `weight` holds other updates too.
  at::Tensor merged(const at::Tensor& weight, const at::Tensor& base) const;
};

// A parameter of the base as it stands when everything that overrides it acts.
at::Tensor overridden(const ParameterSite& site);

// Outputs begin … begin+size-1 of a linear's weight, [size, in].
at::Tensor rows_of(const at::Tensor& weight, WeightLayout layout, int64_t begin, int64_t size);

}  // namespace peft::lora
