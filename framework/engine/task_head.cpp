#include "engine/task_head.h"

#include <ATen/core/Tensor.h>
#include <ATen/ops/equal.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/adapters.h"
#include "peft/error.h"

namespace peft::host {
namespace {

const MethodTensor* find(const MethodInstance& head, const std::string& name) {
  const auto found = std::ranges::find(head.tensors, name, &MethodTensor::name);
  return found == head.tensors.end() ? nullptr : &*found;
}

// Calls f(name in the family's Hugging Face layout, the head's own tensor or null, the base's or null).
template <class F>
void for_each_tensor(const Model& model, const MethodInstance& head, const F& f) {
  for (const HeadLayer& layer : model.sites().heads.front().layers) {
    f(layer.name + ".weight", find(head, layer.name + ".weight"), layer.weight);
    if (layer.has_bias) f(layer.name + ".bias", find(head, layer.name + ".bias"), layer.bias);
  }
}

std::vector<std::string> trained_layers(const Model& model, const MethodInstance& head) {
  std::vector<std::string> names;
  for (const HeadLayer& layer : model.sites().heads.front().layers) {
    if (find(head, layer.name + ".weight") != nullptr) names.push_back(layer.name);
  }
  return names;
}

// PEFT takes every module whose name ends in one of `modules_to_save`: with `classifier`, `pre_classifier`.
bool is_taken(const std::string& tensor, const std::vector<std::string>& modules) {
  const std::string module = tensor.substr(0, tensor.rfind('.'));
  return std::ranges::any_of(modules, [&](const std::string& name) { return module.ends_with(name); });
}

// Adapters wrap the model once more than prompts do.
std::string prefix_of(const PeftFolder& folder) {
  const bool is_prompt_learning = folder.config.find("num_virtual_tokens") != nullptr;
  return is_prompt_learning ? "base_model." : "base_model.model.";
}

// Without the names PEFT gives every classifier's folder and those of the head's layers: what else is saved.
Value modules_beside_head(const Value& config, const Model& model) {
  const Value* modules = config.find("modules_to_save");
  if (modules == nullptr || !modules->is_list()) return {};
  Value::List others;
  for (const Value& module : modules->as_list()) {
    const bool is_usual = module == Value("classifier") || module == Value("score");
    const bool is_head = module.is_text() &&
                         std::ranges::any_of(model.sites().heads.front().layers, [&](const HeadLayer& layer) {
                           return layer.name.ends_with(module.as_text());
                         });
    if (!is_usual && !is_head) others.push_back(module);
  }
  return others.empty() ? Value() : Value(std::move(others));
}

}  // namespace

MethodInstance* head_of(AdapterSet& set) {
  if (set.methods().empty() || set.methods().back().name != head_name) return nullptr;
  return &set.methods().back();
}

void add_head(PeftFolder& folder, const Model& model, const MethodInstance& head) {
  const std::vector<std::string> modules = trained_layers(model, head);
  const std::string prefix = prefix_of(folder);
  for_each_tensor(model, head,
                  [&](const std::string& name, const MethodTensor* own, const ParameterSite* base) {
                    if (own != nullptr) {
                      folder.tensors[prefix + name] = own->tensor.detach();
                    } else if (is_taken(name, modules)) {
                      folder.tensors[prefix + name] = base->tensor.to(at::kFloat);
                    }
                  });
  folder.config.set("modules_to_save", Value::List(modules.begin(), modules.end()));
}

void take_head(PeftFolder& folder, const Model& model, MethodInstance& head) {
  const std::string prefix = prefix_of(folder);
  PeftFolder found;
  std::vector<PeftTensor> wanted;
  for_each_tensor(
      model, head, [&](const std::string& name, const MethodTensor* own, const ParameterSite* base) {
        auto tensor = folder.tensors.extract(prefix + name);
        if (own != nullptr) wanted.push_back({prefix + name, own->tensor});
        if (tensor.empty()) return;
        if (own == nullptr && !at::equal(tensor.mapped().to(at::kFloat), base->tensor.to(at::kFloat))) {
          throw Error("found another " + name +
                      " than the base's, which is not trained here; "
                      "expected a head on the base's own, or a base without that layer");
        }
        if (own != nullptr) found.tensors.insert(std::move(tensor));
      });
  folder.config.set("modules_to_save", modules_beside_head(folder.config, model));
  if (!found.tensors.empty()) load_peft_tensors(found, wanted);
}

void put_head(Merged& merged, const Model& model, const MethodInstance& head) {
  for_each_tensor(model, head, [&](const std::string& name, const MethodTensor* own, const ParameterSite*) {
    if (own == nullptr) return;
    const auto [place, is_new] = merged.tensors.insert_or_assign(name, own->tensor.detach());
    if (is_new)
      merged.plan.parameters.push_back({.name = name, .shape = place->second.sizes().vec(), .init = {}});
  });
}

}  // namespace peft::host
