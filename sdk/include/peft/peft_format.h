// Hugging Face PEFT's folders, as the methods that have one read and write them.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "peft/adapter_set.h"
#include "peft/model.h"
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
