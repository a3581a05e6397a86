// The memory of tensors: counted, foretold from a few tokens, and what recomputation saves of it.
#include "memory/tensor_memory.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>

#include "memory/activation_bytes.h"
#include "memory/process_memory.h"
#include "peft/ops.h"
#include "support/tiny_gpt2.h"

namespace {

using namespace peft;
using host::ActivationBytes;
using host::measure_activations;
using host::TensorMemory;

constexpr test::TinyGpt2 shape = {
    .dtype = at::kFloat, .vocabulary = 50, .positions = 256, .width = 96, .layers = 4, .heads = 3};

const std::map<std::string, std::function<void(Model&, AdapterSet&)>>& what_is_trained() {
  static const std::map<std::string, std::function<void(Model&, AdapterSet&)>> choices = {
      {"lora with dropout",
       [](Model& model, AdapterSet& set) {
         test::attach(model, set, "lora", {{"rank", 4}, {"dropout", 0.1}});
       }},
      {"a projected prefix",
       [](Model& model, AdapterSet& set) {
         test::attach(model, set, "prefix", {{"tokens", 8}, {"projection", true}});
       }},
      {"a prompt",
       [](Model& model, AdapterSet& set) {
         test::attach(model, set, "prompt", {{"tokens", 8}});
       }},
      {"everything", [](Model& model, AdapterSet& set) { test::attach(model, set, "full"); }},
  };
  return choices;
}

// What a training step on sequences of `length` tokens takes, measured, gradients being there already.
int64_t measured_peak(Model& model, const AdapterSet& set, TensorMemory& memory, int64_t sequences,
                      int64_t length, bool recompute) {
  std::vector<EncodedExample> examples;
  for (int64_t i = 0; i < sequences; ++i) examples.push_back(test::random_example(model, length, i));
  const Batch batch = test::pack_all(examples);
  ForwardOptions options;
  options.sets = {&set};
  options.training = true;
  options.recompute = recompute;
  const std::vector<int64_t> trace = memory.trace([&] {
    Forward forward(model, batch, options);
    const at::Tensor hidden = model.hidden(forward);
    target_loss(forward, *model.language_head(), hidden, target_rows(forward)).backward();
  });
  return *std::max_element(trace.begin(), trace.end());
}

}  // namespace

TEST_CASE("tensors are counted while they live, each as it is made") {
  TensorMemory memory;
  const int64_t before = memory.live();
  at::Tensor kept;
  const std::vector<int64_t> trace = memory.trace([&] {
    kept = at::empty({1000}, at::kFloat);
    at::zeros({1 << 20}, at::kFloat);
    at::zeros({10}, at::kFloat);
  });
  CHECK(trace == std::vector<int64_t>{4000, 4000 + (4 << 20), 4040});
  CHECK(memory.live() - before == 4000);
  kept = at::Tensor();
  CHECK(memory.live() == before);
}

TEST_CASE("tensors are zero, take nothing until they are written to, and may outlive the count") {
  at::Tensor outlives;
  {
    const int64_t resident = host::resident_memory();
    TensorMemory memory;
    outlives = at::empty({int64_t{256} << 20}, at::kFloat);
    CHECK(host::resident_memory() - resident < (64 << 20));
  }
  CHECK(outlives.narrow(0, 0, 1000).sum().item().toDouble() == 0.0);
  outlives.narrow(0, 0, 10).fill_(2.0);
  CHECK(outlives.narrow(0, 0, 20).sum().item().toDouble() == 20.0);
  outlives = at::Tensor();
}

TEST_CASE("a few tokens foretell what many take, for every method") {
  for (const auto& [what, add] : what_is_trained()) {
    for (const bool recompute : {false, true}) {
      DYNAMIC_SECTION(what << (recompute ? ", recomputed" : "")) {
        TensorMemory memory;
        const auto model = test::make(shape);
        AdapterSet set("default");
        add(*model, set);
        const ActivationBytes bytes = measure_activations(*model, set, recompute, memory);
        const int64_t length = 40;
        const host::ComputedRows computed{.rows = 5 * (length + set.prompt_length()), .sequences = 5};
        const int64_t foretold =
            std::max(bytes.of_forward_and_loss(computed), bytes.of_backward(computed, 0));
        const int64_t measured = measured_peak(*model, set, memory, 5, length, recompute);
        CHECK(static_cast<double>(foretold) == Approx(static_cast<double>(measured)).epsilon(0.15));
      }
    }
  }
}

TEST_CASE("recomputation keeps little more than the blocks' inputs") {
  for (const auto& [what, add] : what_is_trained()) {
    DYNAMIC_SECTION(what) {
      TensorMemory memory;
      const auto model = test::make(shape);
      AdapterSet set("default");
      add(*model, set);
      const host::ComputedRows computed{.rows = 200, .sequences = 2};
      const ActivationBytes kept = measure_activations(*model, set, false, memory);
      const ActivationBytes recomputed = measure_activations(*model, set, true, memory);
      CHECK(recomputed.kept.at(computed) * 3 < kept.kept.at(computed));
      CHECK(recomputed.training.at(computed) < kept.training.at(computed));
      // The inputs of the blocks, of the first norm and the last, and a mean and a deviation each.
      CHECK(recomputed.kept.moments().front().of_a_row <= (shape.layers + 3) * (shape.width + 2) * 4.0);
    }
  }
}

TEST_CASE("a process may use no more than the machine has, and less where a limit is set") {
  CHECK(host::usable_memory() > (int64_t{64} << 20));
  CHECK(host::resident_memory() > (int64_t{1} << 20));
  CHECK(host::resident_memory() < host::usable_memory());
}
