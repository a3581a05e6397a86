// The base's own biases, trained beside the updates.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "peft/method.h"

namespace peft::lora {

// Elements begin … begin+size-1 of one of the base's biases.
struct TrainedBias {
  ParameterSite* site = nullptr;
  int64_t begin = 0;
  at::Tensor tensor;  // [size]

  // The whole bias with what is trained in its place.
  at::Tensor within(const at::Tensor& base) const;
};

// `which`: "none", "lora_only" (those of the targets, of slices their part) or "all". Throws
// `peft::UsageError` where there is none.
std::vector<TrainedBias> train_biases(Attacher& attacher, const std::string& which,
                                      const std::vector<LinearTarget>& targets, double learning_rate_scale);

}  // namespace peft::lora
