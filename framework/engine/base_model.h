// The frozen base of a recipe.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "peft/model.h"
#include "plugin/plugin_set.h"
#include "recipe/recipe.h"

namespace peft::host {

enum class BaseContent {
  weights,  // mapped or drawn, of the recipe's type, on its device
  shapes,   // meta tensors: names and shapes are checked, nothing is read
};

struct BaseModel {
  std::unique_ptr<ModelFamily> family;
  ModelPlan plan;
  std::unique_ptr<Model> model;
  // Which weights these are: a hash of all of them, or of how they were drawn. Empty where shapes alone were
  // wanted.
  std::string identity;
  std::vector<std::string> ignored;  // known leftovers of the weight files
};

// Throws `peft::UsageError` for a configuration the family does not take, and `peft::Error` listing every
// tensor that is missing, unexpected or misshapen.
BaseModel load_base(const Recipe& recipe, PluginSet& plugins, BaseContent content, const at::Device& device);

}  // namespace peft::host
