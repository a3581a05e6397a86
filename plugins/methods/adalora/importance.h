// How much a trained tensor's elements matter to the loss, smoothed over steps (Zhang et al. 2023, equations
// 9 to 11).
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "peft/method.h"

namespace peft::adalora {

// The moving averages of one tensor. They are tensors of the method's, so that a checkpoint holds them.
class Importance {
 public:
  Importance(Attacher& attacher, const std::string& name, at::Tensor of);

  // Takes in this step's sensitivity, |w · ∂loss/∂w| of each element.
  void measure(double beta1, double beta2);
  // Sensitivity times uncertainty, of the tensor's shape.
  at::Tensor score() const;

 private:
  at::Tensor of_;
  at::Tensor sensitivity_;
  at::Tensor uncertainty_;
};

}  // namespace peft::adalora
