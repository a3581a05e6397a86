#include "lora_options.h"

#include <cmath>

namespace peft::lora {

double LoraOptions::scale() const {
  const auto r = static_cast<double>(rank);
  return alpha / (use_rslora ? std::sqrt(r) : r);
}

const Options<LoraOptions>& lora_options() {
  static const Options<LoraOptions> options = [] {
    Options<LoraOptions> table;
    table.add("rank", &LoraOptions::rank, "rank r of the update", at_least(1))
        .add("alpha", &LoraOptions::alpha, "the update is scaled by alpha / rank", above(0))
        .add("dropout", &LoraOptions::dropout, "share of the update's inputs dropped in training",
             from_up_to_below(0, 1))
        .add("targets", &LoraOptions::targets, "roles of linear sites, or globs on their names")
        .add("init", &LoraOptions::init, "how A starts: U(±1/√in), or N(0, 1/rank²); B starts at zero",
             {"kaiming", "gaussian"})
        .add("use_rslora", &LoraOptions::use_rslora, "scale by alpha / √rank instead");
    return table;
  }();
  return options;
}

}  // namespace peft::lora
