// LoRA's options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peft/options.h"

namespace peft::lora {

struct LoraOptions {
  int64_t rank = 8;
  double alpha = 8.0;
  double dropout = 0.0;
  std::vector<std::string> targets = {"attn.qkv"};
  std::string init = "kaiming";
  bool use_rslora = false;

  // α / r, or α / √r (rsLoRA: Kalajdzievski 2023, arXiv:2312.03732).
  double scale() const;
};

const Options<LoraOptions>& lora_options();

}  // namespace peft::lora
