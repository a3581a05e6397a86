#include "engine/adapters.h"

#include <ATen/core/grad_mode.h>

#include <filesystem>
#include <set>

#include "checkpoint/load.h"
#include "engine/failure.h"
#include "engine/peft_folder.h"
#include "engine/tensor_bytes.h"
#include "peft/error.h"
#include "peft/names.h"
#include "peft/peft_format.h"
#include "peft/training_hooks.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

void attach_one(const Recipe& recipe, const RecipeMethod& wanted, PluginSet& plugins, Model& model,
                AdapterSet& set, TextServices* texts, TensorValues values) {
  MethodInstance& instance = set.methods().emplace_back();
  instance.name = wanted.name;
  instance.plugin = wanted.component.name;
  instance.trainable = wanted.trainable;
  instance.learning_rate = wanted.learning_rate.value_or(-1.0);
  instance.weight_decay = wanted.weight_decay.value_or(-1.0);
  instance.method = plugins.method(wanted.component.name).create(wanted.component.options);
  const RandomStream seed = RandomStream(static_cast<uint64_t>(recipe.seed)).child("methods");
  Attacher attacher(model, set, instance, seed, at::kFloat, texts, values);
  instance.method->attach(attacher);
}

void load_from_checkpoint(const fs::path& path, MethodInstance& instance) {
  const Checkpoint checkpoint = read_checkpoint(path);
  const std::string group = std::string("sets/") + trained_set + "/" + instance.name;
  std::vector<ExpectedTensor> expected;
  for (const MethodTensor& tensor : instance.tensors) {
    expected.push_back({.path = tensor_path(group, tensor.name),
                        .type = element_type(tensor.tensor.scalar_type()),
                        .shape = tensor.tensor.sizes().vec()});
  }
  std::set<std::string> present;
  for (const TensorView& tensor : checkpoint.tensors) {
    const std::string stem = std::string("sets/") + trained_set + "/";
    if (!tensor.name.starts_with(stem)) continue;
    present.insert(tensor.name.substr(stem.size(), tensor.name.find('/', stem.size()) - stem.size()));
  }
  if (!present.contains(instance.name)) {
    throw Error(path.string() + ": holds no method called '" + instance.name +
                "'; it holds: " + join({present.begin(), present.end()}) + "; give the method that name");
  }
  require_tensors(checkpoint, group, expected);
  const at::NoGradGuard no_grad;
  for (MethodTensor& tensor : instance.tensors) {
    tensor.tensor.copy_(borrow_tensor(*checkpoint.find(tensor_path(group, tensor.name))));
  }
}

void load_from_peft(const fs::path& path, const Model& model, MethodInstance& instance) {
  auto* format = query<PeftFormat>(*instance.method);
  if (format == nullptr) {
    throw Error("'" + instance.plugin + "' has no form in Hugging Face PEFT, so it cannot start from " +
                path.string());
  }
  const PeftFolder folder = read_peft_folder(path);
  const std::string type = folder.config.at("peft_type").as_text();
  if (!format->reads(type)) {
    throw Error(path.string() + ": its peft_type is " + type + ", which the method '" + instance.plugin +
                "' does not read");
  }
  try {
    format->from_peft(folder, model, instance);
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

}  // namespace

RecipeLocation place_of(const Recipe& recipe, const std::string& component_path, const std::string& message) {
  if (!message.starts_with("'")) return recipe.where(component_path);
  const std::string option = message.substr(1, message.find_first_of("':", 1) - 1);
  return recipe.where(component_path + "." + option);
}

void attach_methods(const Recipe& recipe, PluginSet& plugins, Model& model, AdapterSet& set,
                    TextServices* texts, Diagnostics& diagnostics, TensorValues values) {
  for (const RecipeMethod& wanted : recipe.methods) {
    try {
      attach_one(recipe, wanted, plugins, model, set, texts, values);
    } catch (const UsageError& error) {
      diagnostics.error(place_of(recipe, wanted.component.path, error.what()), error.what());
    } catch (const Error& error) {
      diagnostics.failure(recipe.where(wanted.component.path), error.what());
    } catch (...) {  // a plugin's code may throw anything; what else is wrong is told all the same
      diagnostics.failure(recipe.where(wanted.component.path),
                          "the method '" + wanted.name + "' (plugin " + wanted.component.name +
                              ") cannot be attached to the model: " + failure_text());
    }
  }
}

void check_length(const Recipe& recipe, const AdapterSet& set, int64_t total_steps,
                  Diagnostics& diagnostics) {
  for (size_t i = 0; i < recipe.methods.size(); ++i) {
    auto* hooks = query<TrainingHooks>(*set.methods()[i].method);
    if (hooks == nullptr || !recipe.methods[i].trainable) continue;
    try {
      hooks->begin(total_steps);
    } catch (const UsageError& error) {
      diagnostics.error(place_of(recipe, recipe.methods[i].component.path, error.what()), error.what());
    }
  }
}

void load_initial_values(const Recipe& recipe, const Model& model, AdapterSet& set) {
  for (size_t i = 0; i < recipe.methods.size(); ++i) {
    if (!recipe.methods[i].init_from) continue;
    const fs::path path = *recipe.methods[i].init_from;
    MethodInstance& instance = set.methods()[i];
    if (fs::is_directory(path)) {
      load_from_peft(path, model, instance);
    } else {
      load_from_checkpoint(path, instance);
    }
  }
}

}  // namespace peft::host
