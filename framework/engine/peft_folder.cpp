#include "engine/peft_folder.h"

#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "engine/tensor_bytes.h"
#include "hub/address.h"
#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr const char* config_name = "adapter_config.json";
constexpr const char* tensors_name = "adapter_model.safetensors";
constexpr const char* hub_tensors_name = "adapter.safetensors";  // AdapterHub's
// What older versions wrote: Python's pickles.
constexpr const char* pickle_name = "adapter_model.bin";
constexpr const char* hub_pickle_name = "pytorch_adapter.bin";

// AdapterHub's configurations have no 'peft_type'; they state the version of its library.
bool is_adapter_hub(const Value& config) {
  const Value* version = config.find("version");
  return config.find("peft_type") == nullptr && version != nullptr && version->is_text() &&
         version->as_text().starts_with("adapters.");
}

Value without(const Value& config, std::string_view key) {
  Value rest;
  for (const auto& [name, value] : config.as_map()) {
    if (name != key) rest.set(name, value);
  }
  return rest;
}

void require(const std::filesystem::path& folder, const char* name, const std::string& expected) {
  if (std::filesystem::is_regular_file(folder / name)) return;
  throw Error(folder.string() + ": found no " + name + "; expected " + expected);
}

void require_tensors(const std::filesystem::path& folder, const char* name, const char* pickle,
                     const std::string& expected) {
  const bool there = std::filesystem::is_regular_file(folder / name);
  if (there || !std::filesystem::is_regular_file(folder / pickle)) return require(folder, name, expected);
  throw Error((folder / pickle).string() +
              ": found tensors as a Python pickle, which can run code when it is read and is not "
              "read here; expected " +
              name +
              ". Convert it in that folder:\n  python3 -c \"import torch, safetensors.torch as s; "
              "s.save_file({k: v.contiguous() for k, v in torch.load('" +
              pickle + "', 'cpu', weights_only=True).items()}, '" + name + "')\"");
}

}  // namespace

bool is_peft_folder(const std::filesystem::path& folder) {
  return std::filesystem::is_regular_file(folder / config_name);
}

PeftFolder read_peft_folder(const std::filesystem::path& folder) {
  const std::string expected =
      std::string("a folder of Hugging Face PEFT with ") + config_name + " and " + tensors_name;
  require(folder, config_name, expected);
  PeftFolder content;
  content.config = read_json_file((folder / config_name).string());
  const bool hub = is_adapter_hub(content.config);
  if (hub) {
    require_tensors(folder, hub_tensors_name, hub_pickle_name,
                    "an adapter of AdapterHub's library, saved with use_safetensors=True");
    content.config.set("peft_type", adapter_hub_type);
    const Value* base = content.config.find("model_name");
    if (base != nullptr) content.config.set("base_model_name_or_path", Value(*base));
  } else {
    require_tensors(folder, tensors_name, pickle_name, expected);
  }
  const Value* type = content.config.find("peft_type");
  if (type == nullptr || !type->is_text()) {
    throw Error((folder / config_name).string() +
                ": found no text 'peft_type'; expected one such as \"LORA\"");
  }
  for (const TensorView& view : SafetensorsFile(folder / (hub ? hub_tensors_name : tensors_name)).tensors()) {
    content.tensors[view.name] = borrow_tensor(view);
  }
  return content;
}

PeftHostSettings peft_settings(const Recipe& recipe, const std::string& task_type) {
  PeftHostSettings settings{.base = recipe.model.weights, .task_type = task_type};
  if (!is_hub_address(settings.base)) return settings;
  const HubAddress address = parse_hub_address(settings.base);
  settings.base = address.repository();
  settings.revision = address.revision;
  return settings;
}

void write_peft_folder(const std::filesystem::path& folder, const PeftFolder& content,
                       const PeftHostSettings& settings) {
  create_folders(folder);
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : content.tensors) views.push_back(tensor_view(name, tensor));
  Value config = content.config;
  const bool hub = config.at("peft_type") == Value(adapter_hub_type);
  write_safetensors(folder / (hub ? hub_tensors_name : tensors_name), views);
  if (hub) {
    config = without(config, "peft_type");
    config.set("model_name", settings.base);
  } else {
    config.set("base_model_name_or_path", settings.base);
    if (!settings.revision.empty()) config.set("revision", settings.revision);
    config.set("task_type", settings.task_type);
    config.set("inference_mode", true);
  }
  write_file_atomically(folder / config_name, dump_json(config, 2) + "\n");
}

}  // namespace peft::host
