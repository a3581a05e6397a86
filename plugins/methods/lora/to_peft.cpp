// Into HF PEFT's format. PEFT has one A, one B and one scale a module, so what acts together at a module
// becomes one update of the ranks' sum, which is the same function: the As one below the other, the Bs beside
// each other, those of slices with zeros elsewhere. What PiSSA and OLoRA take out of the weight is such a
// part too, with -B0: the folder is a LoRA of the base as it was.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "lora_method.h"

namespace peft::lora {
namespace {

// All of a module's updates as one.
struct ModuleUpdate {
  int64_t rank = 0;
  double alpha = 0.0;
  at::Tensor a;
  at::Tensor b;
  at::Tensor magnitude;
};

// The Bs of a slice, in the rows of its module's.
at::Tensor in_module(const at::Tensor& b, const Update& update) {
  if (update.embedding != nullptr || update.linear.whole()) return b;
  at::Tensor rows = at::zeros({update.linear.site->out, b.size(1)}, b.options());
  rows.narrow(0, update.linear.begin, update.linear.size).copy_(b);
  return rows;
}

// The magnitudes of a module; where none was trained, as long as the base's rows.
at::Tensor magnitude_of(const std::vector<const Update*>& updates) {
  const Update& first = *updates.front();
  if (!first.low_rank.magnitude.defined()) return {};
  if (first.embedding != nullptr) return first.low_rank.magnitude;
  const at::Tensor weight = weight_out_in(*first.linear.site).to(first.low_rank.a.scalar_type());
  at::Tensor magnitude = at::linalg_vector_norm(weight, 2, at::IntArrayRef{1});
  for (const Update* update : updates) {
    magnitude.narrow(0, update->linear.begin, update->linear.size).copy_(update->low_rank.magnitude);
  }
  return magnitude;
}

ModuleUpdate as_one(const std::vector<const Update*>& updates, bool use_rslora) {
  const Update& first = *updates.front();
  std::vector<at::Tensor> as;
  std::vector<at::Tensor> bs;
  for (const Update* update : updates) {
    const LowRank& low_rank = update->low_rank;
    const double times = low_rank.scale / first.low_rank.scale;
    as.push_back(low_rank.a);
    bs.push_back(in_module(low_rank.b * times, *update));
    if (!low_rank.a0.defined()) continue;
    as.push_back(low_rank.a0);
    bs.push_back(in_module(low_rank.b0 * -times, *update));
  }
  ModuleUpdate one{.a = at::cat(as, 0), .b = at::cat(bs, 1), .magnitude = magnitude_of(updates)};
  one.rank = one.a.size(0);
  // The scale must stay alpha / rank (or alpha / √rank) at the larger rank.
  const double growth = static_cast<double>(one.rank) / static_cast<double>(first.rank);
  one.alpha = first.alpha * (use_rslora ? std::sqrt(growth) : growth);
  return one;
}

}  // namespace

std::vector<std::vector<const Update*>> LoraMethod::by_module() const {
  return by_peft_module(updates_, [](const Update& update) { return update.hf_module(); });
}

std::string LoraMethod::bias_name(const TrainedBias& bias) const {
  for (const Update& update : updates_) {
    if (update.embedding == nullptr && update.linear.site->bias == bias.site) {
      return peft_tensor_name(update.hf_module(), "base_layer.bias");  // PEFT wraps the modules it updates
    }
  }
  return "base_model.model." + bias.site->name;
}

PeftFolder LoraMethod::to_peft(const Model&, const MethodInstance&) const {
  const at::NoGradGuard no_grad;
  PeftFolder folder;
  Value& config = folder.config;
  config.set("peft_type", "LORA");
  Value::List modules;
  Value::Map ranks;
  Value::Map alphas;
  bool in_out = false;
  for (const std::vector<const Update*>& updates : by_module()) {
    const std::string& module = updates.front()->hf_module();
    const bool embedding = updates.front()->embedding != nullptr;
    const ModuleUpdate update = as_one(updates, options_.use_rslora);
    folder.tensors[peft_tensor_name(module, embedding ? "lora_embedding_A" : "lora_A.weight")] = update.a;
    folder.tensors[peft_tensor_name(module, embedding ? "lora_embedding_B" : "lora_B.weight")] = update.b;
    if (update.magnitude.defined()) {
      folder.tensors[peft_tensor_name(module, "lora_magnitude_vector")] = update.magnitude;
    }
    in_out = in_out || (!embedding && updates.front()->linear.site->layout == WeightLayout::in_out);
    if (modules.empty()) {
      config.set("r", update.rank);
      config.set("lora_alpha", update.alpha);
    }
    if (update.rank != config.at("r").as_integer()) ranks.emplace_back(module, Value(update.rank));
    if (update.alpha != config.at("lora_alpha").as_number()) alphas.emplace_back(module, Value(update.alpha));
    modules.emplace_back(module);
  }
  // Slices of one bias stand in it together.
  for (const TrainedBias& bias : biases_) {
    at::Tensor& stored = folder.tensors[bias_name(bias)];
    stored = bias.within(stored.defined() ? stored : bias.site->tensor).detach();
  }
  config.set("lora_dropout", options_.dropout);
  config.set("target_modules", std::move(modules));
  config.set("rank_pattern", std::move(ranks));
  config.set("alpha_pattern", std::move(alphas));
  config.set("use_rslora", options_.use_rslora);
  config.set("use_dora", options_.use_dora);
  config.set("fan_in_fan_out", in_out);
  config.set("bias", options_.bias);
  config.set("init_lora_weights", true);
  return folder;
}

}  // namespace peft::lora
