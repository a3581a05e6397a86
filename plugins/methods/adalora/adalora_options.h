// AdaLoRA's options, by their names in Hugging Face PEFT as far as an option may be called so.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peft/options.h"

namespace peft::adalora {

struct AdaLoraOptions {
  int64_t target_r = 8;
  int64_t init_r = 12;
  double alpha = 8.0;
  double dropout = 0.0;
  std::vector<std::string> targets = {"attn.qkv"};
  int64_t tinit = 0;
  int64_t tfinal = 0;
  int64_t delta_t = 1;
  double beta1 = 0.85;
  double beta2 = 0.85;
  double orth_reg_weight = 0.5;

  // What an update is multiplied by: α / (init_r + 10⁻⁵), whatever ranks it has left.
  double scale() const { return alpha / (static_cast<double>(init_r) + 1e-5); }
};

const Options<AdaLoraOptions>& adalora_options();

}  // namespace peft::adalora
