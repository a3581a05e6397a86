// How scores become weights at one site in one forward.
#pragma once

#include <ATen/core/Tensor.h>

#include <cmath>
#include <cstdint>

#include "peft/forward.h"

namespace peft {

struct AttentionRules {
  bool causal = true;
  double scale = 1.0;
  DistanceBias bias = {};
};

inline AttentionRules rules_of(const AttentionSite& site, DistanceBias bias = {}) {
  const double usual = 1.0 / std::sqrt(static_cast<double>(site.head_size));
  return {.causal = site.causal, .scale = site.scale.value_or(usual), .bias = std::move(bias)};
}

// Keys and values learned for one site, all methods' together; both undefined: none.
struct InFront {
  at::Tensor keys;    // [P, key/value heads, head size]
  at::Tensor values;  // the same
};

}  // namespace peft
