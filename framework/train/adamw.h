// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101), with PyTorch's order of operations.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "peft/adapter_set.h"

namespace peft::host {

// One trained tensor, with its moments.
struct OptimizedTensor {
  std::string path;  // "default/lora/h.0.attn.qkv.A"
  at::Tensor tensor;
  at::Tensor exp_avg;     // first moment
  at::Tensor exp_avg_sq;  // second moment
  double learning_rate_scale = 1.0;
  double learning_rate = -1.0;  // below zero: the run's
  double weight_decay = 0.0;
};

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
};

class AdamW {
 public:
  // All trained tensors of the set; `weight_decay` acts on those that decay, unless their method has its own.
  AdamW(AdapterSet& set, double weight_decay, AdamWOptions options = {});

  std::vector<OptimizedTensor>& tensors() { return tensors_; }
  const std::vector<OptimizedTensor>& tensors() const { return tensors_; }

  // The norm of all gradients together, before they are scaled so that it does not exceed `clip` (0: they are
  // left alone).
  double clip_gradients(double clip);
  // Update number `step`, from 1: each tensor by its own rate, or `learning_rate`, times `factor`.
  void update(int64_t step, double learning_rate, double factor);
  void clear_gradients();

 private:
  AdamWOptions options_;
  std::vector<OptimizedTensor> tensors_;
};

}  // namespace peft::host
