#include "peft/peft_format.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "peft/error.h"
#include "peft/peft_import.h"

namespace peft {
namespace {

std::string shape_text(const at::Tensor& tensor) {
  std::string text = "[";
  for (int64_t i = 0; i < tensor.dim(); ++i) text += (i > 0 ? ", " : "") + std::to_string(tensor.size(i));
  return text + "]";
}

std::string show(const Value& value) {
  switch (value.type()) {
    case Value::Type::null: return "nothing";
    case Value::Type::boolean: return value.as_boolean() ? "true" : "false";
    case Value::Type::integer: return std::to_string(value.as_integer());
    case Value::Type::number: return std::to_string(value.as_number());
    case Value::Type::text: return "'" + value.as_text() + "'";
    default: return "a " + std::string(type_name(value.type()));
  }
}

// What says nothing of a setting.
bool is_off(const Value* setting) {
  static const Value off[] = {Value(), false, "", Value::List(), Value::Map()};
  return setting == nullptr || std::ranges::find(off, *setting) != std::end(off);
}

// Whether an adapter is of a module by its `target_modules`, a list of names' ends. An expression in their
// place, and settings that take modules or layers out, are not interpreted.
bool lists_target(const Value& config, std::string_view hf_module) {
  const Value* targets = config.find("target_modules");
  if (targets == nullptr || !targets->is_list()) return false;
  for (const char* key : {"exclude_modules", "layers_to_transform"}) {
    if (!is_off(config.find(key))) return false;
  }
  return std::ranges::any_of(targets->as_list(), [&](const Value& target) {
    return target.is_text() && (hf_module == target.as_text() || hf_module.ends_with("." + target.as_text()));
  });
}

bool equal(const Value& a, const Value& b) {
  if (a.is_numeric() && b.is_numeric()) return a.as_number() == b.as_number();
  return a == b;
}

}  // namespace

Value prompt_learning_config(std::string_view peft_type, int64_t virtual_tokens, const ModelInfo& info) {
  Value config;
  config.set("peft_type", peft_type);
  config.set("num_virtual_tokens", virtual_tokens);
  config.set("token_dim", info.hidden_size);
  config.set("num_attention_heads", info.heads);
  config.set("num_layers", info.layers);
  config.set("num_transformer_submodules", info.kind == ModelKind::encoder_decoder ? 2 : 1);
  return config;
}

std::string peft_tensor_name(std::string_view hf_module, std::string_view tensor) {
  return "base_model.model." + std::string(hf_module) + "." + std::string(tensor);
}

void expect_whole_module(const LinearTarget& target) {
  if (target.whole()) return;
  throw Error("a PEFT adapter updates whole modules; the recipe targets '" + target.name + "', a slice of " +
              target.site->name + "; target '" + target.site->role + "' to load it");
}

std::vector<PeftModule> linear_peft_modules(const Model& model, std::string_view tensor) {
  std::vector<PeftModule> modules;
  for (const LinearSite& site : model.sites().linears) {
    modules.push_back({.hf_module = site.hf_module, .tensor = peft_tensor_name(site.hf_module, tensor)});
  }
  return modules;
}

void expect_peft_targets(const PeftFolder& folder, const Model& model,
                         const std::vector<PeftModule>& modules) {
  std::string missing;
  bool any = false;
  for (const PeftModule& module : modules) {
    const bool found = folder.tensors.contains(module.tensor);
    any = any || found;
    if (!found && lists_target(folder.config, module.hf_module))
      missing += "\n  missing: '" + module.tensor + "'";
  }
  if (!any) {
    throw Error("none of the adapter's tensors belongs to a module of this " + model.info().family +
                "; expected an adapter that was trained on a model of this family");
  }
  if (!missing.empty()) {
    throw Error("the adapter's 'target_modules' list modules whose tensors it has not; nothing was loaded:" +
                missing);
  }
}

void refuse_peft_settings(const Value& config, std::initializer_list<std::string_view> keys,
                          std::string_view method, std::string_view expected) {
  for (const std::string_view key : keys) {
    if (is_off(config.find(key))) continue;
    throw Error("the adapter's '" + std::string(key) + "' is set, which the method '" + std::string(method) +
                "' does not have; expected " + std::string(expected));
  }
}

int64_t virtual_tokens_of(const Value& config) {
  const Value* found = config.find("num_virtual_tokens");
  if (found != nullptr && found->is_integer() && found->as_integer() > 0) return found->as_integer();
  throw Error("the adapter's 'num_virtual_tokens' is " + (found == nullptr ? "missing" : show(*found)) +
              "; expected a number of tokens, at least 1");
}

void load_peft_tensors(const PeftFolder& folder, const std::vector<PeftTensor>& expected) {
  std::string problems;
  const auto report = [&](const std::string& problem) { problems += "\n  " + problem; };
  std::set<std::string> wanted;
  for (const PeftTensor& tensor : expected) {
    wanted.insert(tensor.name);
    const auto found = folder.tensors.find(tensor.name);
    if (found == folder.tensors.end()) {
      report("missing: '" + tensor.name + "' " + shape_text(tensor.into));
    } else if (found->second.sizes() != tensor.into.sizes()) {
      report("'" + tensor.name + "' is " + shape_text(found->second) + ", expected " +
             shape_text(tensor.into));
    } else if (!at::isfinite(found->second).all().item<bool>()) {
      report("'" + tensor.name + "' holds values that are not finite");
    }
  }
  for (const auto& [name, tensor] : folder.tensors) {
    if (wanted.count(name) == 0) report("unexpected: '" + name + "' " + shape_text(tensor));
  }
  if (!problems.empty()) {
    throw Error("the adapter's tensors do not fit this method and model; nothing was loaded:" + problems);
  }
  const at::NoGradGuard no_grad;
  for (const PeftTensor& tensor : expected) {
    at::Tensor into = tensor.into;
    into.copy_(folder.tensors.at(tensor.name));
  }
}

void expect_peft_setting(const Value& config, std::string_view key, const Value& wanted,
                         std::string_view option) {
  const Value* found = config.find(key);
  const Value value = found == nullptr ? Value() : *found;
  if (equal(value, wanted)) return;
  throw Error("the adapter's '" + std::string(key) + "' is " + show(value) + ", the recipe's '" +
              std::string(option) + "' asks for " + show(wanted) + "; set the recipe to what the adapter is");
}

}  // namespace peft
