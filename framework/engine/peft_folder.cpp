#include "engine/peft_folder.h"

#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "engine/tensor_bytes.h"
#include "model_io/safetensors.h"
#include "model_io/safetensors_writer.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr const char* config_name = "adapter_config.json";
constexpr const char* tensors_name = "adapter_model.safetensors";

}  // namespace

PeftFolder read_peft_folder(const std::filesystem::path& folder) {
  for (const char* name : {config_name, tensors_name}) {
    if (std::filesystem::is_regular_file(folder / name)) continue;
    throw Error(folder.string() + ": found no " + name + "; expected a folder of Hugging Face PEFT with " +
                config_name + " and " + tensors_name);
  }
  PeftFolder content;
  content.config = read_json_file((folder / config_name).string());
  const Value* type = content.config.find("peft_type");
  if (type == nullptr || !type->is_text()) {
    throw Error((folder / config_name).string() +
                ": found no text 'peft_type'; expected one such as \"LORA\"");
  }
  for (const TensorView& view : SafetensorsFile(folder / tensors_name).tensors()) {
    content.tensors[view.name] = borrow_tensor(view);
  }
  return content;
}

void write_peft_folder(const std::filesystem::path& folder, const PeftFolder& content,
                       const PeftHostSettings& settings) {
  create_folders(folder);
  std::vector<TensorView> views;
  for (const auto& [name, tensor] : content.tensors) views.push_back(tensor_view(name, tensor));
  write_safetensors(folder / tensors_name, views);
  Value config = content.config;
  config.set("base_model_name_or_path", settings.base);
  if (!settings.revision.empty()) config.set("revision", settings.revision);
  config.set("task_type", settings.task_type);
  config.set("inference_mode", true);
  write_file_atomically(folder / config_name, dump_json(config, 2) + "\n");
}

}  // namespace peft::host
