// LoRA in Hugging Face PEFT's format. PEFT has one A and one B a module; updates of slices of a fused module
// become one of their ranks' sum: the As one below the other, the Bs as blocks with zeros elsewhere, which is
// the same function.
#include <ATen/ops/cat.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>

#include "lora_method.h"
#include "peft/error.h"

namespace peft::lora {
namespace {

std::string tensor_name(const LinearSite& site, const char* matrix) {
  return "base_model.model." + site.hf_module + ".lora_" + matrix + ".weight";
}

// PEFT may give single modules a rank or an alpha of their own; the recipe has one of each. Another alpha
// would go unnoticed otherwise: it changes no shape.
void expect_everywhere(const Value& config, const char* pattern, const Value& wanted,
                       std::string_view option) {
  const Value* found = config.find(pattern);
  if (found == nullptr || !found->is_map()) return;
  for (const auto& [module, value] : found->as_map()) {
    try {
      expect_peft_setting(*found, module, wanted, option);
    } catch (const Error& error) {
      throw Error(std::string(pattern) + ": " + error.what() + " (here all modules have the same one)");
    }
  }
}

// Some initialisations take what A and B start with out of the base's weights. Their folders are updates of
// that changed base, which is not in the folder.
void refuse_changed_base(const Value& config) {
  const Value* init = config.find("init_lora_weights");
  if (init == nullptr || !init->is_text()) return;
  for (const std::string_view changing : {"pissa", "olora", "corda", "loftq", "lora_ga"}) {
    if (!init->as_text().starts_with(changing)) continue;
    throw Error("the adapter's 'init_lora_weights' is '" + init->as_text() +
                "', which changes the base's weights too; save it in PEFT with "
                "path_initial_model_for_weight_conversion, which makes it an update of the base as it was");
  }
}

// Of forms of LoRA that this method has not, and of tensors beside A and B: left out, they would change what
// the adapter computes.
void refuse_other_forms(const Value& config) {
  static const Value off[] = {Value(), false, "", "none", Value::List(), Value::Map()};
  for (const char* key : {"bias", "modules_to_save", "layer_replication", "lora_bias", "target_parameters",
                          "trainable_token_indices", "alora_invocation_tokens", "use_qalora", "use_bdlora",
                          "arrow_config", "kasa_config", "monteclora_config"}) {
    const Value* found = config.find(key);
    if (found == nullptr || std::ranges::find(off, *found) != std::end(off)) continue;
    throw Error("the adapter's '" + std::string(key) +
                "' is set, which the method 'lora' does not have; expected updates A and B of linear layers "
                "alone");
  }
}

}  // namespace

std::vector<std::vector<const LoraMethod::Update*>> LoraMethod::by_site() const {
  std::vector<std::vector<const Update*>> sites;
  for (const Update& update : updates_) {
    if (sites.empty() || sites.back().front()->target.site != update.target.site) sites.emplace_back();
    sites.back().push_back(&update);
  }
  return sites;
}

PeftFolder LoraMethod::to_peft(const Model&, const MethodInstance&) const {
  PeftFolder folder;
  Value::List modules;
  Value::Map ranks;
  Value::Map alphas;
  bool in_out = false;
  for (const std::vector<const Update*>& updates : by_site()) {
    const LinearSite& site = *updates.front()->target.site;
    std::vector<at::Tensor> as;
    std::vector<at::Tensor> bs;
    for (const Update* update : updates) {
      as.push_back(update->a.detach());
      at::Tensor b = at::zeros({site.out, options_.rank}, update->b.options().requires_grad(false));
      b.narrow(0, update->target.begin, update->target.size).copy_(update->b.detach());
      bs.push_back(b);
    }
    folder.tensors[tensor_name(site, "A")] = at::cat(as, 0);
    folder.tensors[tensor_name(site, "B")] = at::cat(bs, 1);
    modules.emplace_back(site.hf_module);
    in_out = in_out || site.layout == WeightLayout::in_out;
    if (updates.size() > 1) {
      // The scale must stay alpha / rank (or alpha / √rank) at the larger rank.
      const auto times = static_cast<double>(updates.size());
      ranks.emplace_back(site.hf_module, Value(options_.rank * static_cast<int64_t>(updates.size())));
      alphas.emplace_back(site.hf_module,
                          Value(options_.alpha * (options_.use_rslora ? std::sqrt(times) : times)));
    }
  }
  Value& config = folder.config;
  config.set("peft_type", "LORA");
  config.set("r", options_.rank);
  config.set("lora_alpha", options_.alpha);
  config.set("lora_dropout", options_.dropout);
  config.set("target_modules", std::move(modules));
  config.set("rank_pattern", std::move(ranks));
  config.set("alpha_pattern", std::move(alphas));
  config.set("use_rslora", options_.use_rslora);
  config.set("use_dora", false);
  config.set("fan_in_fan_out", in_out);
  config.set("bias", "none");
  config.set("init_lora_weights", true);
  return folder;
}

void LoraMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  expect_peft_setting(folder.config, "r", options_.rank, "rank");
  expect_peft_setting(folder.config, "lora_alpha", options_.alpha, "alpha");
  expect_everywhere(folder.config, "rank_pattern", options_.rank, "rank");
  expect_everywhere(folder.config, "alpha_pattern", options_.alpha, "alpha");
  refuse_changed_base(folder.config);
  refuse_other_forms(folder.config);
  const Value* rslora = folder.config.find("use_rslora");
  if (rslora != nullptr) expect_peft_setting(folder.config, "use_rslora", options_.use_rslora, "use_rslora");
  const Value* dora = folder.config.find("use_dora");
  if (dora != nullptr) expect_peft_setting(folder.config, "use_dora", false, "use_dora");
  std::vector<PeftTensor> expected;
  for (const std::vector<const Update*>& updates : by_site()) {
    if (updates.size() > 1 || !updates.front()->target.whole()) {
      throw Error("a PEFT adapter updates whole modules; the recipe targets '" +
                  updates.front()->target.name + "', a slice of " + updates.front()->target.site->name +
                  "; target '" + updates.front()->target.site->role + "' to load it");
    }
    const Update& update = *updates.front();
    expected.push_back({.name = tensor_name(*update.target.site, "A"), .into = update.a});
    expected.push_back({.name = tensor_name(*update.target.site, "B"), .into = update.b});
  }
  load_peft_tensors(folder, expected);
}

}  // namespace peft::lora
