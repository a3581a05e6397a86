#include "train/adamw.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <algorithm>
#include <cmath>

namespace peft::host {

AdamW::AdamW(AdapterSet& set, double weight_decay, AdamWOptions options) : options_(options) {
  const at::NoGradGuard no_grad;
  for (MethodInstance& method : set.methods()) {
    const double decay = method.weight_decay >= 0.0 ? method.weight_decay : weight_decay;
    for (const MethodTensor& tensor : method.tensors) {
      if (!method.trainable || !tensor.trained) continue;
      tensors_.push_back({.path = set.name() + "/" + method.name + "/" + tensor.name,
                          .tensor = tensor.tensor,
                          .exp_avg = at::zeros_like(tensor.tensor),
                          .exp_avg_sq = at::zeros_like(tensor.tensor),
                          .learning_rate_scale = tensor.learning_rate_scale,
                          .learning_rate = method.learning_rate,
                          .weight_decay = tensor.decays ? decay : 0.0});
    }
  }
}

double AdamW::clip_gradients(double clip) {
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> norms;
  for (const OptimizedTensor& state : tensors_) {
    const at::Tensor& gradient = state.tensor.grad();
    if (gradient.defined()) norms.push_back(at::linalg_vector_norm(gradient));
  }
  if (norms.empty()) return 0.0;
  const double norm = at::linalg_vector_norm(at::stack(norms)).item<double>();
  const double scale = clip / (norm + 1e-6);
  if (clip > 0.0 && scale < 1.0) {
    for (OptimizedTensor& state : tensors_) {
      at::Tensor gradient = state.tensor.grad();
      if (gradient.defined()) gradient.mul_(scale);
    }
  }
  return norm;
}

void AdamW::update(int64_t step, double learning_rate, double factor) {
  const at::NoGradGuard no_grad;
  const double correction1 = 1.0 - std::pow(options_.beta1, static_cast<double>(step));
  const double correction2 = 1.0 - std::pow(options_.beta2, static_cast<double>(step));
  for (OptimizedTensor& state : tensors_) {
    const at::Tensor& gradient = state.tensor.grad();
    if (!gradient.defined()) continue;
    const double own = state.learning_rate >= 0.0 ? state.learning_rate : learning_rate;
    const double rate = own * state.learning_rate_scale * factor;
    if (state.weight_decay != 0.0) state.tensor.mul_(1.0 - rate * state.weight_decay);
    state.exp_avg.lerp_(gradient, 1.0 - options_.beta1);
    state.exp_avg_sq.mul_(options_.beta2).addcmul_(gradient, gradient, 1.0 - options_.beta2);
    const at::Tensor denominator = (state.exp_avg_sq.sqrt() / std::sqrt(correction2)).add_(options_.epsilon);
    state.tensor.addcdiv_(state.exp_avg, denominator, -rate / correction1);
  }
}

void AdamW::clear_gradients() {
  for (OptimizedTensor& state : tensors_) state.tensor.mutable_grad() = at::Tensor();
}

}  // namespace peft::host
