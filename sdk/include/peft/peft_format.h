// Hugging Face PEFT's folders, as the methods that have one read and write them.
#pragma once

#include <ATen/core/Tensor.h>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "peft/adapter_set.h"
#include "peft/model.h"
#include "peft/sites.h"
#include "peft/value.h"

namespace peft {

// What stands in adapter_config.json and adapter_model.safetensors.
struct PeftFolder {
  Value config;  // without what the host knows: base_model_name_or_path, task_type, inference_mode
  std::map<std::string, at::Tensor> tensors;  // by their names in the file
};

// Found by `query` on a Method.
class PeftFormat {
 public:
  static constexpr const char* id = "peft.peft_format.1";
  virtual ~PeftFormat();
  // "LORA", "PREFIX_TUNING": the values of `peft_type` it reads.
  virtual bool reads(const std::string& peft_type) const = 0;
  virtual PeftFolder to_peft(const Model& model, const MethodInstance& instance) const = 0;
  // Copies the folder's tensors into the instance's. Throws `peft::Error` naming every tensor that is
  // missing, unexpected or misshapen, and every setting of the configuration that differs from the instance's
  // options or is not supported.
  virtual void from_peft(const PeftFolder& folder, const Model& model, MethodInstance& instance) const = 0;
};

// What all of PEFT's prompt-learning methods state: the type, the number of virtual tokens, the model's
// dimensions.
Value prompt_learning_config(std::string_view peft_type, int64_t virtual_tokens, const ModelInfo& info);

// The name in adapter_model.safetensors of what belongs to a module: "transformer.h.0.attn.c_attn",
// "lora_A.weight" -> "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight".
std::string peft_tensor_name(std::string_view hf_module, std::string_view tensor);

// In runs of the same module, which is one module in PEFT: what a method has on the whole of it, or on
// slices. `module_of` gives anything that can be compared. The pointers are into `items`.
template <class Item, class ModuleOf>
std::vector<std::vector<const Item*>> by_peft_module(const std::vector<Item>& items, ModuleOf module_of) {
  std::vector<std::vector<const Item*>> modules;
  for (const Item& item : items) {
    if (modules.empty() || module_of(*modules.back().front()) != module_of(item)) modules.emplace_back();
    modules.back().push_back(&item);
  }
  return modules;
}

// Throws `peft::Error` where the target is a slice of its site: an adapter of PEFT's is of the whole.
void expect_whole_module(const LinearTarget& target);

// A module of the model's that an adapter may be of, and the tensor that a folder then has.
struct PeftModule {
  std::string hf_module;
  std::string tensor;  // by its name in the file
};

// The modules of all linear sites; `tensor` as for peft_tensor_name.
std::vector<PeftModule> linear_peft_modules(const Model& model, std::string_view tensor);

// For options that are read out of a folder: throws `peft::Error` where it has a tensor of none of `modules`,
// and where its `target_modules` list some whose tensors it lacks, naming these.
void expect_peft_targets(const PeftFolder& folder, const Model& model,
                         const std::vector<PeftModule>& modules);

// Throws `peft::Error` where one of the keys says more than null, false or nothing: `method` would leave out
// what it asks for. `expected` completes "expected …".
void refuse_peft_settings(const Value& config, std::initializer_list<std::string_view> keys,
                          std::string_view method, std::string_view expected);

// Where one tensor of a folder goes.
struct PeftTensor {
  std::string name;  // in the file
  at::Tensor into;   // of the same shape
};

// Copies the folder's tensors into `expected`, all or none. Throws `peft::Error` listing every tensor that is
// missing, unexpected, misshapen or not finite.
void load_peft_tensors(const PeftFolder& folder, const std::vector<PeftTensor>& expected);

// Throws `peft::Error` unless config[key] equals `wanted` (an absent key is equal to null).
void expect_peft_setting(const Value& config, std::string_view key, const Value& wanted,
                         std::string_view option);

}  // namespace peft
