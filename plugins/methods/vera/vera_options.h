// VeRA's options.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peft/options.h"

namespace peft::vera {

struct VeraOptions {
  int64_t rank = 256;
  double dropout = 0.0;
  double d_initial = 0.1;
  int64_t projection_prng_key = 0;
  bool save_projection = true;
  std::vector<std::string> targets = {"attn.qkv"};
};

const Options<VeraOptions>& vera_options();

}  // namespace peft::vera
