// Folders of Hugging Face PEFT: adapter_config.json and adapter_model.safetensors; and of AdapterHub's
// library: adapter_config.json and adapter.safetensors.
#pragma once

#include <filesystem>
#include <string>

#include "peft/peft_format.h"
#include "recipe/recipe.h"

namespace peft::host {

// What stands for `peft_type` in a PeftFolder of AdapterHub's, whose configurations have none.
inline constexpr const char* adapter_hub_type = "ADAPTERHUB";

bool is_peft_folder(const std::filesystem::path& folder);

// Throws `peft::Error` naming the file that is missing or damaged.
PeftFolder read_peft_folder(const std::filesystem::path& folder);

// What the host adds to a method's own configuration.
struct PeftHostSettings {
  std::string base;        // base_model_name_or_path
  std::string revision{};  // of a base on the hub; empty: not said
  std::string task_type;   // "CAUSAL_LM"
};

// Of adapters to the recipe's base. One of the hub's is named as Hugging Face PEFT names it, so that it is
// found there too.
PeftHostSettings peft_settings(const Recipe& recipe, const std::string& task_type);

// The folder is made where it is missing; each file appears whole or not at all.
void write_peft_folder(const std::filesystem::path& folder, const PeftFolder& content,
                       const PeftHostSettings& settings);

}  // namespace peft::host
