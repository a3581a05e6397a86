// The methods of a recipe, put on a model.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base_model.h"
#include "peft/adapter_set.h"
#include "peft/method.h"
#include "peft/task.h"
#include "plugin/plugin_set.h"
#include "recipe/diagnostics.h"
#include "recipe/recipe.h"

namespace peft::host {

// The set a recipe trains.
inline constexpr const char* trained_set = "default";

// What a task's head is called, beside the recipe's methods.
inline constexpr const char* head_name = "head";

// Makes one method and attaches it. It starts as the seed of a recipe says. Throws what the plugin throws,
// and then leaves in `set` what there was of it.
MethodInstance& attach_method(const RecipeMethod& wanted, int64_t seed, PluginSet& plugins, Model& model,
                              AdapterSet& set, TextServices* texts,
                              TensorValues values = TensorValues::initial);

// Makes each method of the recipe and attaches it, in recipe order. What does not fit the model becomes a
// diagnostic at the option it is about, and whatever else a plugin throws one at its method; the methods that
// fit are attached all the same, so that everything wrong is told at once. `texts` may be null where no
// values are wanted.
void attach_methods(const Recipe& recipe, PluginSet& plugins, Model& model, AdapterSet& set,
                    TextServices* texts, Diagnostics& diagnostics,
                    TensorValues values = TensorValues::initial);

// What the task puts at the model's head site, if anything, as a method called `head`.
void attach_head(const Recipe& recipe, const Task& task, Model& model, AdapterSet& set,
                 TensorValues values = TensorValues::initial);

// Tells the methods that take part in training how many optimiser steps there will be. What does not fit them
// becomes a diagnostic at the option it is about.
void check_length(const Recipe& recipe, const AdapterSet& set, int64_t total_steps, Diagnostics& diagnostics);

// Fills the methods that have `init_from`: from a folder of Hugging Face PEFT or from a checkpoint of ours,
// which must have been trained on this base. The head that stands there with a method fills the task's.
// Throws `peft::Error` naming every tensor that does not fit.
void load_initial_values(const Recipe& recipe, const BaseModel& base, AdapterSet& set);

// A file and line for what a component says of its own options: a message that begins with 'option' is placed
// at that option.
RecipeLocation place_of(const Recipe& recipe, const std::string& component_path, const std::string& message);

}  // namespace peft::host
