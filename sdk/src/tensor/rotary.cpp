#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>

#include "peft/ops.h"

namespace peft {

at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines) {
  const int64_t half = x.size(2) / 2;
  const at::Tensor wide = x.to(cosines.scalar_type());
  const at::Tensor first = wide.narrow(2, 0, half);
  const at::Tensor second = wide.narrow(2, half, half);
  const at::Tensor c = cosines.unsqueeze(1);
  const at::Tensor s = sines.unsqueeze(1);
  return at::cat({first * c - second * s, second * c + first * s}, 2).to(x.scalar_type());
}

}  // namespace peft
