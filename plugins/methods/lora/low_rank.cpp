#include "low_rank.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/linalg_vector_norm.h>

namespace peft::lora {

at::Tensor LowRank::change() const {
  const at::Tensor product = b.matmul(a);
  return (a0.defined() ? at::addmm(product, b0, a0, 1.0, -1.0) : product) * scale;
}

at::Tensor LowRank::norms(const at::Tensor& base) const {
  const at::NoGradGuard no_grad;
  return at::linalg_vector_norm(base.to(a.scalar_type()) + change(), 2, at::IntArrayRef{1});
}

at::Tensor LowRank::merged(const at::Tensor& weight, const at::Tensor& base) const {
  const at::NoGradGuard no_grad;
  // In the wider of the two types, rounded to the weight's own once.
  if (!magnitude.defined()) return (weight + change()).to(weight.scalar_type());
  const at::Tensor ratio = (magnitude / norms(base)).unsqueeze(1);
  return (weight + (ratio - 1.0) * base + ratio * change()).to(weight.scalar_type());
}

at::Tensor overridden(const ParameterSite& site) {
  at::Tensor value = site.tensor;
  for (const auto& attached : site.attachments) {
    value = value + (attached.attachment->value(site.tensor) - site.tensor);
  }
  return value.detach();
}

at::Tensor rows_of(const at::Tensor& weight, WeightLayout layout, int64_t begin, int64_t size) {
  return (layout == WeightLayout::out_in ? weight : weight.t()).narrow(0, begin, size);
}

}  // namespace peft::lora
