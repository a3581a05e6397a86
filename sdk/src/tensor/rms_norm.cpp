#include <ATen/TensorOperators.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/rsqrt.h>

#include "peft/ops.h"

namespace peft {

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon, at::ScalarType type) {
  const at::Tensor scale = at::rsqrt(at::mean(x * x, 1, /*keepdim=*/true) + epsilon);
  return (x * scale * weight.to(x.scalar_type())).to(type);
}

SumAndNorm add_rms_norm(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight, double epsilon,
                        at::ScalarType type) {
  const at::Tensor sum = x + y;
  return {.sum = sum, .normed = rms_norm(sum, weight, epsilon, type)};
}

}  // namespace peft
