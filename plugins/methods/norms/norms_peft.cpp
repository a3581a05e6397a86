// Norms in Hugging Face PEFT's format: LN_TUNING, which keeps a copy of each norm.
#include "norms_method.h"
#include "peft/error.h"

namespace peft::norms {
namespace {

std::string tensor_name(const std::string& norm, const std::string& quantity) {
  return "base_model.model." + norm + ".ln_tuning_layers." + quantity;
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
  const Value* more = folder.config.find("modules_to_save");
  if (more != nullptr && !more->is_null() && *more != Value(Value::List())) {
    throw Error(
        "the adapter's 'modules_to_save' is set, which the method 'norms' does not have; expected norms "
        "alone");
  }
  std::vector<PeftTensor> expected;
  for (const Trained& trained : trained_) {
    expected.push_back({.name = tensor_name(trained.norm, trained.quantity), .into = trained.tensor});
  }
  load_peft_tensors(folder, expected);
}

Value NormsMethod::options_of(const PeftFolder& folder, const Model& model) const {
  Value::List targets;
  for (const std::string& norm : norms_of(model.sites())) {
    if (folder.tensors.contains(tensor_name(norm, "weight"))) targets.emplace_back(norm);
  }
  if (targets.empty()) {
    throw Error("none of the adapter's tensors is a norm of this " + model.info().family);
  }
  return Value::Map{{"targets", std::move(targets)}};
}

}  // namespace peft::norms
