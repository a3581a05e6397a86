#include "importance.h"

#include <ATen/TensorOperators.h>

#include <utility>

namespace peft::adalora {

Importance::Importance(Attacher& attacher, const std::string& name, at::Tensor of) : of_(std::move(of)) {
  const std::vector<int64_t> shape = of_.sizes().vec();
  sensitivity_ = attacher.tensor(name + ".sensitivity", shape, init::zeros(), {.trained = false});
  uncertainty_ = attacher.tensor(name + ".uncertainty", shape, init::zeros(), {.trained = false});
}

void Importance::measure(double beta1, double beta2) {
  const at::Tensor now = (of_ * of_.grad()).abs();
  sensitivity_.mul_(beta1).add_(now, 1.0 - beta1);
  uncertainty_.mul_(beta2).add_((now - sensitivity_).abs(), 1.0 - beta2);
}

at::Tensor Importance::score() const {
  return sensitivity_ * uncertainty_;
}

}  // namespace peft::adalora
