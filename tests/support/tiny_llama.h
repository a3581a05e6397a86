// A small random model of the Llama kind, as tiny_gpt2.h has a GPT-2: no norm or bias is left at its usual
// start.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>

#include "models/llama/rope.h"
#include "peft/model.h"

namespace peft::test {

struct TinyLlama {
  at::ScalarType dtype = at::kDouble;
  uint64_t seed = 1;
  std::string model_type = "llama";
  int64_t vocabulary = 23;
  int64_t positions = 40;
  int64_t width = 12;
  int64_t inner = 20;
  int64_t layers = 2;
  int64_t heads = 6;
  int64_t key_value_heads = 2;
  int64_t head_size = 4;  // here not width / heads
  bool tied = true;
  bool biases = false;
  llama::Rope rope = {};
};

std::unique_ptr<Model> make(const TinyLlama& description);

}  // namespace peft::test
