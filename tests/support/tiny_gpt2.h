// A small random GPT-2 and methods on it, made from the plugins' sources. In float64 unless asked otherwise,
// so that gradients can be checked by finite differences.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "peft/adapter_set.h"
#include "peft/batch.h"
#include "peft/model.h"
#include "peft/value.h"

namespace peft::test {

struct TinyGpt2 {
  at::ScalarType dtype = at::kDouble;
  uint64_t seed = 1;
  int64_t vocabulary = 23;
  int64_t positions = 40;
  int64_t width = 12;
  int64_t layers = 2;
  int64_t heads = 3;
  bool tied = true;
};

// Every tensor is random, norms and biases too: none may be left out unnoticed.
std::unique_ptr<Model> make(const TinyGpt2& description = {});

// Puts a method ("lora", "prefix", "prompt", "full") on the model, in the model's type (float32 on a base in
// half precision). Options that are left out have their defaults. `name` is the plugin's unless given.
MethodInstance& attach(Model& model, AdapterSet& set, const std::string& plugin, Value::Map options = {},
                       std::string name = "");

// The same with a method that is made already; its options are those it has.
MethodInstance& attach(Model& model, AdapterSet& set, std::unique_ptr<Method> method,
                       const std::string& plugin, const std::string& name);

// Gives every tensor of the set random values: a fresh LoRA does nothing.
void randomize(AdapterSet& set, double standard_deviation = 0.3, uint64_t seed = 7);

// A sequence of `length` random tokens, every one a target.
EncodedExample random_example(const Model& model, int64_t length, int64_t index, uint64_t seed = 11);

Batch pack_all(const std::vector<EncodedExample>& examples);

}  // namespace peft::test
