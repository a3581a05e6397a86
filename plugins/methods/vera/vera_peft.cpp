// VeRA in Hugging Face PEFT's format. PEFT has one λ_d and one λ_b a module; of an update of a slice, λ_b is
// zero at the module's other outputs, which is the same function.
#include <ATen/ops/zeros.h>

#include <vector>

#include "peft/error.h"
#include "vera_method.h"

namespace peft::vera {
namespace {

std::string tensor_name(const LinearSite& site, const char* scale) {
  return peft_tensor_name(site.hf_module, std::string("vera_lambda_") + scale);
}

constexpr const char* projection_a = "base_model.vera_A";
constexpr const char* projection_b = "base_model.vera_B";

}  // namespace

PeftFolder VeraMethod::to_peft(const Model&, const MethodInstance&) const {
  PeftFolder folder;
  Value::List modules;
  bool in_out = false;
  const LinearSite* before = nullptr;
  for (const Scales& scales : scales_) {
    const LinearSite& site = *scales.target.site;
    if (&site == before) {
      throw UsageError("a VeRA of PEFT's has one λ_d a module; found several slices of " + site.name +
                       ": export with --format merged, or train with the target '" + site.role + "'");
    }
    before = &site;
    const at::Tensor b = at::zeros({site.out}, scales.b.options().requires_grad(false));
    b.narrow(0, scales.target.begin, scales.target.size).copy_(scales.b.detach());
    folder.tensors[tensor_name(site, "d")] = scales.d.detach();
    folder.tensors[tensor_name(site, "b")] = b;
    modules.emplace_back(site.hf_module);
    in_out = in_out || site.layout == WeightLayout::in_out;
  }
  if (options_.save_projection) {
    folder.tensors[projection_a] = a_;
    folder.tensors[projection_b] = b_;
  }
  Value& config = folder.config;
  config.set("peft_type", "VERA");
  config.set("r", options_.rank);
  config.set("vera_dropout", options_.dropout);
  config.set("d_initial", options_.d_initial);
  config.set("projection_prng_key", options_.projection_prng_key);
  config.set("save_projection", options_.save_projection);
  config.set("target_modules", std::move(modules));
  config.set("fan_in_fan_out", in_out);
  config.set("bias", "none");
  return folder;
}

void VeraMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  refuse_peft_settings(folder.config, {"modules_to_save"}, "vera", "updates of linear layers alone");
  expect_peft_setting(folder.config, "r", options_.rank, "rank");
  expect_peft_setting(folder.config, "save_projection", options_.save_projection, "save_projection");
  std::vector<PeftTensor> expected;
  for (const Scales& scales : scales_) {
    const LinearSite& site = *scales.target.site;
    expect_whole_module(scales.target);
    expected.push_back({.name = tensor_name(site, "d"), .into = scales.d});
    expected.push_back({.name = tensor_name(site, "b"), .into = scales.b});
  }
  if (options_.save_projection) {
    expected.push_back({.name = projection_a, .into = a_});
    expected.push_back({.name = projection_b, .into = b_});
  } else {
    expect_peft_setting(folder.config, "projection_prng_key", options_.projection_prng_key,
                        "projection_prng_key");
  }
  load_peft_tensors(folder, expected);
}

Value VeraMethod::options_of(const PeftFolder& folder, const Model& model) const {
  Value::List targets;
  for (const LinearSite& site : model.sites().linears) {
    if (folder.tensors.contains(tensor_name(site, "d"))) targets.emplace_back(site.name);
  }
  expect_peft_targets(folder, model, linear_peft_modules(model, "vera_lambda_d"));
  Value options = Value::Map{{"targets", std::move(targets)}};
  for (const auto& [key, option] : {std::pair{"r", "rank"},
                                    {"save_projection", "save_projection"},
                                    {"projection_prng_key", "projection_prng_key"}}) {
    const Value* found = folder.config.find(key);
    if (found != nullptr) options.set(option, *found);
  }
  return options;
}

}  // namespace peft::vera
