#include "lora_options.h"

#include <cmath>

namespace peft::lora {

double LoraOptions::scale(int64_t of_rank, double of_alpha) const {
  const auto r = static_cast<double>(of_rank);
  return of_alpha / (use_rslora ? std::sqrt(r) : r);
}

const Options<LoraOptions>& lora_options() {
  static const Options<LoraOptions> options = [] {
    Options<LoraOptions> table;
    table.add("rank", &LoraOptions::rank, "rank r of the update", at_least(1))
        .add("alpha", &LoraOptions::alpha, "the update is scaled by alpha / rank", above(0))
        .add("dropout", &LoraOptions::dropout,
             "share of the update's inputs dropped in training; of token embeddings none",
             from_up_to_below(0, 1))
        .add("targets", &LoraOptions::targets,
             "roles of linear sites, or globs on their names; embed.tokens for the token embeddings")
        .add("rank_pattern", &LoraOptions::rank_pattern,
             "another rank for some targets: their role, or a glob on their names -> rank")
        .add("alpha_pattern", &LoraOptions::alpha_pattern, "the same for alpha")
        .add("init", &LoraOptions::init,
             "how A starts, B being zero: kaiming (U(±1/√in)) or gaussian (N(0, 1/rank²)); or A and B out of "
             "the weight: pissa, pissa_niter_N (faster: N steps of subspace iteration) or olora")
        .add("bias", &LoraOptions::bias,
             "biases trained too: none, those of the targets, or the whole model's",
             {"none", "lora_only", "all"})
        .add("use_rslora", &LoraOptions::use_rslora, "scale by alpha / √rank instead")
        .add("use_dora", &LoraOptions::use_dora,
             "DoRA: the update turns the weight's rows, a trained magnitude gives them their length")
        .add("loraplus_lr_ratio", &LoraOptions::loraplus_lr_ratio,
             "LoRA+: B (and vectors) learn at so many times the learning rate", above(0));
    return table;
  }();
  return options;
}

}  // namespace peft::lora
