#include "peft/peft_format.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/isfinite.h>

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
