// (IA)³ in Hugging Face PEFT's format: one vector a module, [out, 1], or [1, in] where inputs are scaled. Of
// a fused module of which slices alone are scaled, the vector is one everywhere else.
#include <ATen/ops/ones.h>

#include "ia3_method.h"
#include "peft/error.h"

namespace peft::ia3 {
namespace {

std::string tensor_name(const LinearSite& site) {
  return peft_tensor_name(site.hf_module, "ia3_l");
}

}  // namespace

std::vector<Ia3Method::ModuleScales> Ia3Method::modules() const {
  return by_peft_module(scales_, [](const Scale& scale) { return scale.target.site; });
}

PeftFolder Ia3Method::to_peft(const Model&, const MethodInstance&) const {
  PeftFolder folder;
  Value::List targets;
  Value::List feedforward;
  bool in_out = false;
  for (const ModuleScales& module : modules()) {
    const LinearSite& site = *module.front()->target.site;
    at::Tensor& vector = folder.tensors[tensor_name(site)];
    const auto options = module.front()->vector.options().requires_grad(false);
    targets.emplace_back(site.hf_module);
    in_out = in_out || site.layout == WeightLayout::in_out;
    if (module.front()->of_input) {
      feedforward.emplace_back(site.hf_module);
      vector = module.front()->vector.detach().unsqueeze(0);
      continue;
    }
    vector = at::ones({site.out, 1}, options);
    for (const Scale* scale : module) {
      vector.narrow(0, scale->target.begin, scale->target.size).copy_(scale->vector.detach().unsqueeze(1));
    }
  }
  Value& config = folder.config;
  config.set("peft_type", "IA3");
  config.set("target_modules", std::move(targets));
  config.set("feedforward_modules", std::move(feedforward));
  config.set("fan_in_fan_out", in_out);
  config.set("init_ia3_weights", true);
  return folder;
}

void Ia3Method::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  refuse_peft_settings(folder.config, {"modules_to_save"}, "ia3", "vectors alone");
  const std::vector<ModuleScales> found = modules();
  std::vector<PeftTensor> vectors;
  for (const ModuleScales& module : found) {
    const LinearSite& site = *module.front()->target.site;
    const std::vector<int64_t> shape =
        module.front()->of_input ? std::vector<int64_t>{1, site.in} : std::vector<int64_t>{site.out, 1};
    const auto options = module.front()->vector.options().requires_grad(false);
    vectors.push_back({.name = tensor_name(site), .into = at::ones(shape, options)});
  }
  load_peft_tensors(folder, vectors);
  // Only once all are known to fit is anything of the method's written.
  for (size_t i = 0; i < found.size(); ++i) {
    at::Tensor others = vectors[i].into.flatten().clone();
    for (const Scale* scale : found[i]) {
      others.narrow(0, scale->of_input ? 0 : scale->target.begin, scale->vector.size(0)).fill_(1.0);
    }
    if (others.eq(1.0).all().item<bool>()) continue;
    throw Error("'" + vectors[i].name + "' scales more of " + found[i].front()->target.site->name +
                " than '" + found[i].front()->target.name +
                "', which the recipe names; set 'kind: peft_compat' or 'targets'");
  }
  for (size_t i = 0; i < found.size(); ++i) {
    const at::Tensor vector = vectors[i].into.flatten();
    for (const Scale* scale : found[i]) {
      at::Tensor into = scale->vector.detach();  // shares its memory
      into.copy_(vector.narrow(0, scale->of_input ? 0 : scale->target.begin, into.size(0)));
    }
  }
}

// By the tensors: [out, 1] scales a module's outputs, [1, in] its inputs.
Value Ia3Method::options_of(const PeftFolder& folder, const Model& model) const {
  Value::List targets;
  Value::List feedforward;
  for (const LinearSite& site : model.sites().linears) {
    const auto found = folder.tensors.find(tensor_name(site));
    if (found == folder.tensors.end()) continue;
    const bool of_input = found->second.dim() == 2 && found->second.size(0) == 1;
    (of_input ? feedforward : targets).emplace_back(site.name);
  }
  expect_peft_targets(folder, model, linear_peft_modules(model, "ia3_l"));
  return Value::Map{{"targets", std::move(targets)}, {"feedforward", std::move(feedforward)}};
}

}  // namespace peft::ia3
