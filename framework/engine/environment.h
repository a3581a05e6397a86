// Where and how a run computes: resolved once, before the first step, and written to its recipe.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "recipe/recipe.h"

namespace peft::host {

// Puts a device for `device: auto` and a number for `threads: auto` into the recipe. Throws
// `peft::UsageError` for a device that is not there.
void resolve_environment(Recipe& recipe);
// Makes LibTorch compute as the (resolved) recipe says; returns its device.
at::Device enter_environment(const Recipe& recipe);

std::string libtorch_version();
std::string cpu_capability();

}  // namespace peft::host
