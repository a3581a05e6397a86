#include "engine/adapters.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "checkpoint/load.h"
#include "engine/failure.h"
#include "engine/peft_folder.h"
#include "engine/run_checkpoint.h"
#include "engine/saved_adapter.h"
#include "engine/task_head.h"
#include "peft/error.h"
#include "peft/names.h"
#include "peft/peft_format.h"
#include "peft/training_hooks.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

void load_from_checkpoint(const fs::path& path, const Recipe& recipe, const BaseModel& base,
                          MethodInstance& instance, MethodInstance* head) {
  const Checkpoint checkpoint = read_checkpoint(path);
  require_same_base(checkpoint, path, recipe, base);
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
  try {
    restore_method(checkpoint, instance);
    if (head != nullptr && present.contains(head_name)) restore_method(checkpoint, *head);
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

// The head the folder holds beside the adapter goes into `head`, where the run has one.
void load_from_peft(const fs::path& path, const Model& model, MethodInstance& instance,
                    MethodInstance* head) {
  auto* format = query<PeftFormat>(*instance.method);
  if (format == nullptr) {
    throw Error("'" + instance.plugin + "' has no form in Hugging Face PEFT, so it cannot start from " +
                path.string());
  }
  PeftFolder folder = read_peft_folder(path);
  const std::string type = folder.config.at("peft_type").as_text();
  if (!format->reads(type)) {
    throw Error(path.string() + ": its peft_type is " + type + ", which the method '" + instance.plugin +
                "' does not read");
  }
  try {
    if (head != nullptr) take_head(folder, model, *head);
    format->from_peft(folder, model, instance);
  } catch (const Error& error) {
    throw Error(path.string() + ": " + error.what());
  }
}

void start(MethodInstance& instance, int64_t seed, Model& model, AdapterSet& set, TextServices* texts,
           TensorValues values) {
  const RandomStream methods = RandomStream(static_cast<uint64_t>(seed)).child("methods");
  Attacher attacher(model, set, instance, methods, at::kFloat, texts, values);
  instance.method->attach(attacher);
}

}  // namespace

RecipeLocation place_of(const Recipe& recipe, const std::string& component_path, const std::string& message) {
  if (!message.starts_with("'")) return recipe.where(component_path);
  const std::string option = message.substr(1, message.find_first_of("':", 1) - 1);
  return recipe.where(component_path + "." + option);
}

MethodInstance& attach_method(const RecipeMethod& wanted, int64_t seed, PluginSet& plugins, Model& model,
                              AdapterSet& set, TextServices* texts, TensorValues values) {
  MethodInstance& instance = set.methods().emplace_back();
  instance.name = wanted.name;
  instance.plugin = wanted.component.name;
  instance.trainable = wanted.trainable;
  instance.learning_rate = wanted.learning_rate.value_or(-1.0);
  instance.weight_decay = wanted.weight_decay.value_or(-1.0);
  instance.method = plugins.method(wanted.component.name).create(wanted.component.options);
  start(instance, seed, model, set, texts, values);
  return instance;
}

namespace {

// A task with a head of its own reads hidden states: what stands on the vocabulary projection would be
// trained and saved without ever doing anything.
void refuse_unused_projection(const Recipe& recipe, Model& model, const AdapterSet& set) {
  for (const LinearSite& site : model.sites().linears) {
    const bool is_used =
        std::ranges::any_of(site.attachments, [&](const auto& attached) { return attached.set == &set; });
    if (site.role != "head" || !is_used) continue;
    throw UsageError("the task " + recipe.task.name + " does without the vocabulary projection '" +
                     site.name + "', which a method has among its targets; leave 'head' out of them");
  }
}

}  // namespace

void attach_head(const Recipe& recipe, const Task& task, Model& model, AdapterSet& set, TensorValues values) {
  std::unique_ptr<Method> head = task.head();
  if (head == nullptr) return;
  for (const RecipeMethod& method : recipe.methods) {
    if (method.name != head_name) continue;
    throw UsageError("the task " + recipe.task.name + " trains a head, which is called '" + head_name +
                     "', as one of the methods is; give the method another name");
  }
  MethodInstance& instance = set.methods().emplace_back();
  instance.name = head_name;
  instance.plugin = recipe.task.name;
  instance.method = std::move(head);
  start(instance, recipe.seed, model, set, nullptr, values);
  refuse_unused_projection(recipe, model, set);
}

void attach_methods(const Recipe& recipe, PluginSet& plugins, Model& model, AdapterSet& set,
                    TextServices* texts, Diagnostics& diagnostics, TensorValues values) {
  for (const RecipeMethod& wanted : recipe.methods) {
    try {
      attach_method(wanted, recipe.seed, plugins, model, set, texts, values);
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

void load_initial_values(const Recipe& recipe, const BaseModel& base, AdapterSet& set) {
  for (size_t i = 0; i < recipe.methods.size(); ++i) {
    if (!recipe.methods[i].init_from) continue;
    const fs::path path = *recipe.methods[i].init_from;
    MethodInstance& instance = set.methods()[i];
    if (fs::is_directory(path)) {
      load_from_peft(path, *base.model, instance, head_of(set));
    } else {
      load_from_checkpoint(path, recipe, base, instance, head_of(set));
    }
  }
}

}  // namespace peft::host
