// AdaLoRA in Hugging Face PEFT's format: of each module the ranks it has left, and `rank_pattern`, which says
// for each rank it began with whether it is among them. PEFT has one update a module; those of slices of a
// fused module become one of their ranks' sum, B's columns with zeros elsewhere, which is the same function.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <vector>

#include "adalora_method.h"
#include "peft/error.h"

namespace peft::adalora {
namespace {

// In `rank_pattern` names stand without what wraps the model.
std::string pattern_name(const LinearSite& site) {
  return site.hf_module + ".lora_E";
}

std::string tensor_name(const LinearSite& site, const char* matrix) {
  return peft_tensor_name(site.hf_module, std::string("lora_") + matrix);
}

// Of the ranks a site began with, those the folder has: all, where it has no pattern.
std::vector<int64_t> ranks_in(const Value& config, const LinearSite& site, int64_t init_r) {
  std::vector<int64_t> ranks;
  const Value* patterns = config.find("rank_pattern");
  const Value* pattern = patterns == nullptr ? nullptr : patterns->find(pattern_name(site));
  if (patterns != nullptr && patterns->is_map() && pattern == nullptr && !patterns->as_map().empty()) {
    throw Error("the adapter's 'rank_pattern' has no entry '" + pattern_name(site) +
                "'; expected one for every module that the recipe's 'targets' name");
  }
  if (pattern != nullptr && static_cast<int64_t>(pattern->as_list().size()) != init_r) {
    throw Error("the adapter's 'rank_pattern' has " + std::to_string(pattern->as_list().size()) +
                " entries at '" + pattern_name(site) + "', expected 'init_r', " + std::to_string(init_r));
  }
  for (int64_t rank = 0; rank < init_r; ++rank) {
    if (pattern == nullptr || pattern->as_list()[static_cast<size_t>(rank)].as_boolean())
      ranks.push_back(rank);
  }
  return ranks;
}

}  // namespace

std::vector<std::vector<const AdaLoraMethod::Update*>> AdaLoraMethod::by_site() const {
  return by_peft_module(updates_, [](const Update& update) { return update.target.site; });
}

AdaLoraMethod::Remaining AdaLoraMethod::remaining(const std::vector<const Update*>& updates,
                                                  int64_t init_r) const {
  const LinearSite& site = *updates.front()->target.site;
  const at::TensorOptions like = updates.front()->a.options().requires_grad(false);
  Remaining all{.a = at::zeros({init_r, site.in}, like),
                .lambda = at::zeros({init_r, 1}, like),
                .b = at::zeros({site.out, init_r}, like),
                .pattern = {}};
  int64_t ranks = 0;
  for (const Update* update : updates) {
    for (int64_t rank = 0; rank < options_.init_r; ++rank) {
      // Before the last allocation, a rank may have won its Λ back.
      const bool stays = update->kept[rank].item<double>() != 0 || update->lambda[rank].item<double>() != 0;
      all.pattern.emplace_back(stays);
      if (!stays) continue;
      all.a.select(0, ranks).copy_(update->a.select(0, rank));
      all.lambda.select(0, ranks).copy_(update->lambda.select(0, rank));
      const LinearTarget& target = update->target;
      all.b.narrow(0, target.begin, target.size).select(1, ranks).copy_(update->b.select(1, rank));
      ++ranks;
    }
  }
  all.pattern.resize(static_cast<size_t>(init_r), Value(false));
  return {.a = all.a.narrow(0, 0, ranks),
          .lambda = all.lambda.narrow(0, 0, ranks),
          .b = all.b.narrow(1, 0, ranks).contiguous(),
          .pattern = all.pattern};
}

PeftFolder AdaLoraMethod::to_peft(const Model&, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  const auto sites = by_site();
  size_t most = 0;  // updates of a site
  for (const auto& updates : sites) most = std::max(most, updates.size());
  // PEFT divides by the rank that all modules began with.
  AdaLoraOptions in_peft = options_;
  in_peft.init_r *= static_cast<int64_t>(most);
  in_peft.target_r *= static_cast<int64_t>(most);
  in_peft.alpha *= options_.scale() / in_peft.scale();

  PeftFolder folder;
  Value::List modules;
  Value::Map patterns;
  bool in_out = false;
  for (const std::vector<const Update*>& updates : sites) {
    const LinearSite& site = *updates.front()->target.site;
    Remaining ranks = remaining(updates, in_peft.init_r);
    folder.tensors[tensor_name(site, "A")] = ranks.a;
    folder.tensors[tensor_name(site, "E")] = ranks.lambda;
    folder.tensors[tensor_name(site, "B")] = ranks.b;
    patterns.emplace_back(pattern_name(site), std::move(ranks.pattern));
    modules.emplace_back(site.hf_module);
    in_out = in_out || site.layout == WeightLayout::in_out;
  }
  Value& config = folder.config;
  config.set("peft_type", "ADALORA");
  config.set("init_r", in_peft.init_r);
  config.set("target_r", in_peft.target_r);
  config.set("lora_alpha", in_peft.alpha);
  config.set("lora_dropout", options_.dropout);
  config.set("target_modules", std::move(modules));
  config.set("rank_pattern", std::move(patterns));
  config.set("tinit", options_.tinit);
  config.set("tfinal", options_.tfinal);
  config.set("deltaT", options_.delta_t);
  config.set("beta1", options_.beta1);
  config.set("beta2", options_.beta2);
  config.set("orth_reg_weight", options_.orth_reg_weight);
  // PEFT wants a number, and one with which its schedule has a middle; the folder's user trains no more.
  config.set("total_step", options_.tinit + options_.tfinal + 1);
  config.set("fan_in_fan_out", in_out);
  config.set("bias", "none");
  config.set("init_lora_weights", true);
  return folder;
}

void AdaLoraMethod::from_peft(const PeftFolder& folder, const Model&, MethodInstance&) const {
  refuse_peft_settings(folder.config, {"modules_to_save"}, "adalora", "updates of linear layers alone");
  expect_peft_setting(folder.config, "init_r", options_.init_r, "init_r");
  expect_peft_setting(folder.config, "lora_alpha", options_.alpha, "alpha");
  // What a module has left of its ranks, by the place of each among those it began with.
  struct Found {
    const Update* update;
    std::vector<int64_t> ranks;
    at::Tensor a, lambda, b;
  };
  std::vector<Found> found;
  std::vector<PeftTensor> expected;
  for (const Update& update : updates_) {
    const LinearSite& site = *update.target.site;
    expect_whole_module(update.target);
    const at::TensorOptions like = update.a.options().requires_grad(false);
    const std::vector<int64_t> ranks = ranks_in(folder.config, site, options_.init_r);
    const auto count = static_cast<int64_t>(ranks.size());
    Found& one = found.emplace_back(Found{.update = &update,
                                          .ranks = ranks,
                                          .a = at::empty({count, site.in}, like),
                                          .lambda = at::empty({count, 1}, like),
                                          .b = at::empty({site.out, count}, like)});
    expected.push_back({.name = tensor_name(site, "A"), .into = one.a});
    expected.push_back({.name = tensor_name(site, "E"), .into = one.lambda});
    expected.push_back({.name = tensor_name(site, "B"), .into = one.b});
  }
  load_peft_tensors(folder, expected);
  // Ranks that the folder has not stay as they start: without Λ they do nothing, and may win one.
  const at::NoGradGuard no_grad;
  for (const Found& one : found) {
    at::Tensor kept = one.update->kept;
    kept.zero_();
    for (size_t i = 0; i < one.ranks.size(); ++i) {
      const int64_t rank = one.ranks[i];
      const auto from = static_cast<int64_t>(i);
      kept[rank].fill_(1);
      one.update->a.select(0, rank).copy_(one.a.select(0, from));
      one.update->lambda.select(0, rank).copy_(one.lambda.select(0, from));
      one.update->b.select(1, rank).copy_(one.b.select(1, from));
    }
  }
}

Value AdaLoraMethod::options_of(const PeftFolder& folder, const Model& model) const {
  Value::List targets;
  for (const LinearSite& site : model.sites().linears) {
    if (folder.tensors.contains(tensor_name(site, "E"))) targets.emplace_back(site.name);
  }
  expect_peft_targets(folder, model, linear_peft_modules(model, "lora_E"));
  Value options = Value::Map{{"targets", std::move(targets)}};
  const auto set = [&](const char* option, const char* key) {
    const Value* found = folder.config.find(key);
    if (found != nullptr) options.set(option, *found);
  };
  set("init_r", "init_r");
  set("target_r", "init_r");  // the budget has been spent: it takes no more ranks away, whatever it was
  set("alpha", "lora_alpha");
  return options;
}

}  // namespace peft::adalora
