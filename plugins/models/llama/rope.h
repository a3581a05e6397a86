// Rotary positions: the angles a row's place turns a head's pairs of features by.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "peft/value.h"

namespace peft::llama {

// How frequencies are changed for contexts longer than those of pre-training.
enum class RopeScaling {
  none,
  linear,  // all divided by `factor`
  llama3   // low ones divided by `factor`, high ones kept, those between by a mean of both (Llama 3.1)
};

struct Rope {
  double theta = 10000.0;
  RopeScaling scaling = RopeScaling::none;
  double factor = 1.0;
  double low_freq_factor = 1.0;                  // of llama3
  double high_freq_factor = 4.0;                 // of llama3
  int64_t original_max_position_embeddings = 0;  // of llama3
};

// From `rope_parameters` (files of transformers 5), or `rope_scaling` and `rope_theta` (older ones). What is
// not supported or missing is reported.
Rope read_rope(const Value& config, int64_t max_position_embeddings,
               const std::function<void(const std::string&)>& report);

// [head_size / 2]: radians a place, in float32 as the models were trained with.
std::vector<float> rope_frequencies(const Rope& rope, int64_t head_size);

// Of rows at these positions [N']: [N', head_size / 2] each, in `type`.
struct Angles {
  at::Tensor cosines;
  at::Tensor sines;
};
Angles rope_angles(const std::vector<float>& frequencies, const at::Tensor& positions, at::ScalarType type);

}  // namespace peft::llama
