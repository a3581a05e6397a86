// The frozen base of a recipe.
#pragma once

#include <ATen/core/Tensor.h>

#include <future>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "model_io/tensor_view.h"
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
  std::map<std::string, TensorView> files;  // the parameters as they stand in the folder; empty: to be drawn
  std::vector<std::string> ignored;         // known leftovers of the weight files
  std::unique_ptr<Model> model;
  // Which weights these are: a hash of all of them, or of how they were drawn. It reads every weight, so it
  // is found out in the background and is there when it is asked for. Not valid where shapes alone were
  // wanted.
  std::shared_future<std::string> identity;
};

// Throws `peft::UsageError` for a configuration the family does not take, and `peft::Error` listing every
// tensor that is missing, unexpected or misshapen.
BaseModel load_base(const Recipe& recipe, PluginSet& plugins, BaseContent content, const at::Device& device);

// Replaces a model of shapes by the same with weights; nothing of its files is opened again. Attachments go
// with the old model.
void put_weights(const Recipe& recipe, BaseModel& base, const at::Device& device);

}  // namespace peft::host
