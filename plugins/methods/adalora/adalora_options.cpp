#include "adalora_options.h"

namespace peft::adalora {

const Options<AdaLoraOptions>& adalora_options() {
  static const Options<AdaLoraOptions> options = [] {
    const Range share{.minimum = 0.0, .maximum = 1.0, .above_minimum = true, .below_maximum = true};
    Options<AdaLoraOptions> table;
    table
        .add("target_r", &AdaLoraOptions::target_r, "mean rank of the updates once the budget is spent",
             at_least(1))
        .add("init_r", &AdaLoraOptions::init_r, "rank that every update begins with", at_least(1))
        .add("alpha", &AdaLoraOptions::alpha, "an update is scaled by alpha / init_r", above(0))
        .add("dropout", &AdaLoraOptions::dropout, "share of the updates' inputs dropped in training",
             from_up_to_below(0, 1))
        .add("targets", &AdaLoraOptions::targets, "roles of linear sites, or globs on their names")
        .add("tinit", &AdaLoraOptions::tinit, "optimiser steps before the first rank is taken away",
             at_least(0))
        .add("tfinal", &AdaLoraOptions::tfinal, "last optimiser steps, in which ranks stay as they are",
             at_least(0))
        .add("delta_t", &AdaLoraOptions::delta_t,
             "steps from one allocation of ranks to the next (deltaT in PEFT)", at_least(1))
        .add("beta1", &AdaLoraOptions::beta1, "share of the old in the moving average of sensitivities",
             share)
        .add("beta2", &AdaLoraOptions::beta2, "share of the old in the moving average of their uncertainty",
             share)
        .add("orth_reg_weight", &AdaLoraOptions::orth_reg_weight,
             "weight of the penalty that keeps A's rows and B's columns orthogonal", at_least(0));
    return table;
  }();
  return options;
}

}  // namespace peft::adalora
