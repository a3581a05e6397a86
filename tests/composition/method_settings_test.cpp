// What a recipe's reserved keys do to one method beside others: its own learning rate and weight decay, and
// not to be trained.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <vector>

#include "peft/error.h"
#include "support/tiny_gpt2.h"
#include "tasks/causal_lm/causal_lm.h"
#include "train/trainer.h"

using namespace peft;
using namespace peft::test;

namespace {

// Two methods on a tiny model, one optimiser step away from where they start.
struct TwoMethods {
  TwoMethods() {
    first = &attach(*model, set, "lora", {{"rank", 2}}, "first");
    second = &attach(*model, set, "lora", {{"rank", 2}}, "second");
    prefix = &attach(*model, set, "prefix", {{"tokens", 2}});
    randomize(set);
    for (const MethodInstance& method : set.methods()) {
      for (const MethodTensor& tensor : method.tensors) start.push_back(tensor.tensor.detach().clone());
    }
    for (int64_t i = 0; i < 4; ++i) examples.push_back(random_example(*model, 6, i));
  }

  void step(double weight_decay = 0.0) {
    host::TrainOptions options;
    options.batch_size = 4;
    options.steps = 1;
    options.learning_rate = 1e-3;
    options.weight_decay = weight_decay;
    options.clip = 0.0;
    host::Trainer(*model, set, task, examples, options).advance();
  }

  // How far a method's tensors have moved, element by element.
  std::vector<at::Tensor> moved(const MethodInstance& method) const {
    std::vector<at::Tensor> differences;
    size_t i = 0;
    for (const MethodInstance& one : set.methods()) {
      for (const MethodTensor& tensor : one.tensors) {
        if (&one == &method) differences.push_back(tensor.tensor.detach() - start[i]);
        ++i;
      }
    }
    return differences;
  }

  // AdamW's first step is its learning rate, up or down, wherever there is a gradient.
  double rate_of(const MethodInstance& method) const {
    double largest = 0.0;
    for (const at::Tensor& difference : moved(method))
      largest = std::max(largest, difference.abs().max().item().toDouble());
    return largest;
  }

  AdapterSet set{"default"};
  std::unique_ptr<Model> model = make();
  MethodInstance* first;
  MethodInstance* second;
  MethodInstance* prefix;
  causal_lm::CausalLm task;
  std::vector<at::Tensor> start;
  std::vector<EncodedExample> examples;
};

}  // namespace

TEST_CASE("A method's own learning rate is its own alone") {
  TwoMethods methods;
  methods.second->learning_rate = 1e-2;
  methods.step();
  CHECK(methods.rate_of(*methods.first) == Approx(1e-3).epsilon(1e-3));
  CHECK(methods.rate_of(*methods.second) == Approx(1e-2).epsilon(1e-3));
  CHECK(methods.rate_of(*methods.prefix) == Approx(1e-3).epsilon(1e-3));
}

TEST_CASE("A method's own weight decay is its own alone, by its own learning rate") {
  TwoMethods without;
  without.second->learning_rate = 1e-2;
  without.step();
  TwoMethods with;
  with.second->learning_rate = 1e-2;
  with.second->weight_decay = 0.5;
  with.prefix->weight_decay = 0.0;
  with.step(0.1);
  const auto check_decay = [&](const MethodInstance& a, const MethodInstance& b, size_t begin, double by) {
    const auto before = without.moved(a);
    const auto after = with.moved(b);
    for (size_t i = 0; i < before.size(); ++i) {
      const at::Tensor expected = without.start[begin + i] * -by;
      CHECK((after[i] - before[i] - expected).abs().max().item().toDouble() < 1e-12);
    }
  };
  check_decay(*without.first, *with.first, 0, 1e-3 * 0.1);
  check_decay(*without.second, *with.second, without.first->tensors.size(), 1e-2 * 0.5);
  check_decay(*without.prefix, *with.prefix, 2 * without.first->tensors.size(), 0.0);
}

TEST_CASE("A method that is not trained acts, and stays as it is") {
  TwoMethods methods;
  methods.first->trainable = false;
  for (MethodTensor& tensor : methods.first->tensors) tensor.tensor.set_requires_grad(false);
  CHECK(methods.set.trained_elements() == TwoMethods().set.trained_elements() -
                                              2 * TwoMethods().first->tensors[0].tensor.numel() -
                                              2 * TwoMethods().first->tensors[1].tensor.numel());
  methods.step();
  CHECK(methods.rate_of(*methods.first) == 0.0);
  CHECK(methods.rate_of(*methods.second) == Approx(1e-3).epsilon(1e-3));
  // The other's gradients are those beside it: as if it had been trained too.
  TwoMethods both;
  both.step();
  for (size_t i = 0; i < both.moved(*both.second).size(); ++i)
    CHECK(at::equal(both.moved(*both.second)[i], methods.moved(*methods.second)[i]));
  methods.second->trainable = false;
  methods.prefix->trainable = false;
  CHECK_THROWS_AS(methods.step(), UsageError);
}
