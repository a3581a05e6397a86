// LoRA's options.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "peft/options.h"

namespace peft::lora {

struct LoraOptions {
  int64_t rank = 8;
  double alpha = 8.0;
  double dropout = 0.0;
  std::vector<std::string> targets = {"attn.qkv"};
  std::map<std::string, double> rank_pattern;
  std::map<std::string, double> alpha_pattern;
  std::string init = "kaiming";
  std::string bias = "none";
  bool use_rslora = false;
  bool use_dora = false;
  std::optional<double> loraplus_lr_ratio;

  // What keeps an update's size apart from its rank: α / r, or α / √r (rsLoRA: Kalajdzievski 2023,
  // arXiv:2312.03732).
  double scale(int64_t of_rank, double of_alpha) const;
};

const Options<LoraOptions>& lora_options();

}  // namespace peft::lora
