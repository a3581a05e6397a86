#include "lora_method.h"

#include <algorithm>

#include "embedding_update.h"
#include "initial_values.h"
#include "linear_update.h"
#include "peft/error.h"

namespace peft::lora {
namespace {

// "attn.q" for a slice, "attn.qkv" for the whole site.
const std::string& role_of(const LinearTarget& target) {
  for (const LinearPart& part : target.site->parts) {
    if (part.begin == target.begin && part.size == target.size) return part.role;
  }
  return target.site->role;
}

}  // namespace

at::Tensor Update::weight() const {
  return embedding != nullptr ? embedding->weight->tensor.t()
                              : weight_out_in(*linear.site).narrow(0, linear.begin, linear.size);
}

Update LoraMethod::sized(const std::string& name, const std::string& role, int64_t in, int64_t out) {
  Update update;
  update.name = name;
  update.rank = static_cast<int64_t>(ranks_.of(role, name));
  update.alpha = alphas_.of(role, name);
  update.low_rank.scale = options_.scale(update.rank, update.alpha);
  const int64_t widest = std::min(in, out);
  if (update.rank > widest) {
    throw UsageError("'rank' is " + std::to_string(update.rank) + ", but '" + name + "' is " +
                     std::to_string(in) + " -> " + std::to_string(out) + " wide; set it to at most " +
                     std::to_string(widest));
  }
  return update;
}

void LoraMethod::add_magnitude(Attacher& attacher, Update& update) const {
  if (!options_.use_dora) return;
  const Init row_lengths = init::copy_of([&] { return update.low_rank.norms(update.weight()); });
  update.low_rank.magnitude =
      attacher.tensor(update.name + ".magnitude", {update.low_rank.b.size(0)}, row_lengths,
                      {.learning_rate_scale = options_.loraplus_lr_ratio.value_or(1.0)});
}

void LoraMethod::update_linear(Attacher& attacher, const LinearTarget& target) {
  Update update = sized(target.name, role_of(target), target.site->in, target.size);
  update.linear = target;
  LowRank& low_rank = update.low_rank;
  const std::vector<int64_t> shape_a = {update.rank, target.site->in};
  const std::vector<int64_t> shape_b = {target.size, update.rank};
  const InitialValues start =
      initial_values(options_.init, update.rank, low_rank.scale, [&] { return update.weight(); });
  low_rank.a = attacher.tensor(target.name + ".A", shape_a, start.a);
  low_rank.b = attacher.tensor(target.name + ".B", shape_b, start.b,
                               {.learning_rate_scale = options_.loraplus_lr_ratio.value_or(1.0)});
  if (start.out_of_weight) {
    low_rank.a0 = attacher.tensor(target.name + ".A0", shape_a, init::copy_of([&] { return low_rank.a; }),
                                  {.trained = false});
    low_rank.b0 = attacher.tensor(target.name + ".B0", shape_b, init::copy_of([&] { return low_rank.b; }),
                                  {.trained = false});
  }
  add_magnitude(attacher, update);

  const std::string stream = attacher.name() + "/" + target.name;
  if (options_.use_dora) {
    attacher.attach(target, dora_update(target, low_rank, options_.dropout, stream));
  } else {
    attacher.attach(target, lora_update({.a = low_rank.a,
                                         .b = low_rank.b,
                                         .scale = low_rank.scale,
                                         .dropout = options_.dropout,
                                         .stream = stream}));
    if (start.out_of_weight) {
      attacher.attach(
          target,
          lora_update(
              {.a = low_rank.a0, .b = low_rank.b0, .scale = -low_rank.scale, .dropout = 0.0, .stream = {}}));
    }
  }
  updates_.push_back(std::move(update));
}

void LoraMethod::update_embedding(Attacher& attacher, EmbeddingSite& site) {
  const int64_t vocabulary = site.weight->tensor.size(0);
  Update update = sized(site.name, site.role, vocabulary, site.size);
  update.embedding = &site;
  if (options_.loraplus_lr_ratio) {
    throw UsageError("'loraplus_lr_ratio': LoRA+ trains token embeddings at a rate of their own; target '" +
                     site.role + "' with a lora of its own that sets 'learning_rate' (1e-6 in HF PEFT)");
  }
  // The other way round than at a linear layer, and whatever 'init' says, as in HF PEFT.
  update.low_rank.a = attacher.tensor(site.name + ".A", {update.rank, vocabulary}, init::zeros());
  update.low_rank.b = attacher.tensor(site.name + ".B", {site.size, update.rank}, init::normal(1.0));
  add_magnitude(attacher, update);
  attacher.attach(site, embedding_update(site, update.low_rank));
  updates_.push_back(std::move(update));
}

void LoraMethod::attach(Attacher& attacher) {
  const WeightTargets targets = attacher.sites().weight_targets(options_.targets);
  for (EmbeddingSite* site : targets.embeddings) update_embedding(attacher, *site);
  for (const LinearTarget& target : targets.linears) update_linear(attacher, target);
  ranks_.require_all_used();
  alphas_.require_all_used();
  biases_ = train_biases(attacher, options_.bias, targets.linears, options_.loraplus_lr_ratio.value_or(1.0));
}

void* LoraMethod::query(std::string_view wanted) noexcept {
  if (wanted == PeftFormat::id) return static_cast<PeftFormat*>(this);
  return wanted == PeftImport::id ? static_cast<PeftImport*>(this) : nullptr;
}

}  // namespace peft::lora
