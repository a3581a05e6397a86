// Where and how a run computes: resolved once, before the first step, and written to its recipe.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace peft::host {

// Puts a device for `device: auto` and a number for `threads: auto` into the recipe, and float32 where
// bfloat16 would only be slower; returns what is to be said of that. Chooses the kernels (`PEFT_KERNELS`, see
// peft/kernels.h). Throws `peft::UsageError` for a device or kernels that are not there.
std::vector<std::string> resolve_environment(Recipe& recipe);
// Makes LibTorch compute as the (resolved) recipe says; returns its device.
at::Device enter_environment(const Recipe& recipe);

std::string libtorch_version();
std::string cpu_capability();

}  // namespace peft::host
