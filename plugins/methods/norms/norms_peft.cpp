// Norms in Hugging Face PEFT's format: LN_TUNING, which keeps a copy of each norm.
#include "norms_method.h"

namespace peft::norms {
namespace {

std::string tensor_name(const std::string& norm, const std::string& quantity) {
  return peft_tensor_name(norm, "ln_tuning_layers." + quantity);
}

}  // namespace

PeftFolder NormsMethod::to_peft(const Model&, const MethodInstance&) const {
  PeftFolder folder;
  Value::List modules;
  for (const Trained& trained : trained_) {
    folder.tensors[tensor_name(trained.norm, trained.quantity)] = trained.tensor.detach();
    if (trained.quantity == "weight") modules.emplace_back(trained.norm);
  }
  folder.config.set("peft_type", "LN_TUNING");
  folder.config.set("target_modules", std::move(modules));
  return folder;
}

void NormsMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  refuse_peft_settings(folder.config, {"modules_to_save"}, "norms", "norms alone");
  std::vector<PeftTensor> expected;
  for (const Trained& trained : trained_) {
    expected.push_back({.name = tensor_name(trained.norm, trained.quantity), .into = trained.tensor});
  }
  load_peft_tensors(folder, expected);
}

Value NormsMethod::options_of(const PeftFolder& folder, const Model& model) const {
  Value::List targets;
  std::vector<PeftModule> modules;
  for (const std::string& norm : norms_of(model.sites())) {
    modules.push_back({.hf_module = norm, .tensor = tensor_name(norm, "weight")});
    if (folder.tensors.contains(modules.back().tensor)) targets.emplace_back(norm);
  }
  expect_peft_targets(folder, model, modules);
  return Value::Map{{"targets", std::move(targets)}};
}

}  // namespace peft::norms
