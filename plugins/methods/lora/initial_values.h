// How A and B of a linear layer's update start.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>

#include "peft/method.h"

namespace peft::lora {

struct InitialValues {
  Init a;
  Init b;  // called after `a`
  // A and B start with s · B A taken out of the weight: what the base computes with stands for W - s · B0 A0,
  // so that the model starts as it was. Elsewhere B starts at zero.
  bool out_of_weight = false;
};

// `init` as in the recipe; `weight` gives W [out, in]. Throws `peft::UsageError` where there is no such init.
InitialValues initial_values(const std::string& init, int64_t rank, double scale,
                             std::function<at::Tensor()> weight);

}  // namespace peft::lora
