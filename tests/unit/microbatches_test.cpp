// Micro-batches: which examples are computed together, and that it does not matter.
#include "train/microbatches.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <string>

#include "data/example_tokens.h"
#include "support/tiny_gpt2.h"
#include "tasks/causal_lm/causal_lm.h"
#include "train/trainer.h"

namespace {

using namespace peft;
using host::pack_by_tokens;
using Parts = std::vector<std::vector<size_t>>;

std::vector<int64_t> random_lengths(uint64_t seed) {
  const RandomStream random(seed);
  std::vector<int64_t> lengths;
  const uint64_t count = 1 + random.below(0, 60);
  for (uint64_t i = 1; i <= count; ++i) lengths.push_back(1 + static_cast<int64_t>(random.below(i, 300)));
  return lengths;
}

int64_t tokens_of(const std::vector<size_t>& part, const std::vector<int64_t>& lengths) {
  return std::accumulate(part.begin(), part.end(), int64_t{0},
                         [&](int64_t sum, size_t place) { return sum + lengths[place]; });
}

// A tiny GPT-2 with everything on it that a different order of examples could disturb.
struct Training {
  explicit Training(at::ScalarType dtype) : model(test::make({.dtype = dtype})) {
    test::attach(*model, set, "lora", {{"rank", 2}, {"dropout", 0.3}});
    test::attach(*model, set, "prefix", {{"tokens", 2}, {"projection", true}});
    test::attach(*model, set, "prompt", {{"tokens", 3}});
    test::randomize(set);
    for (const int64_t length : {5, 17, 2, 9, 30, 1, 12, 4, 25, 8, 3}) {
      examples.push_back(test::random_example(*model, length, static_cast<int64_t>(examples.size())));
    }
  }

  host::Trainer trainer(int64_t tokens_per_microbatch, bool recompute = false) {
    host::TrainOptions options;
    options.batch_size = 3;
    options.accumulate = 2;
    options.tokens_per_microbatch = tokens_per_microbatch;
    options.recompute = recompute;
    options.epochs = 2;
    options.learning_rate = 1e-2;
    options.clip = 0.0;
    return {*model, set, task, examples, options};
  }

  std::unique_ptr<Model> model;
  AdapterSet set{"default"};
  causal_lm::CausalLm task;
  std::vector<EncodedExample> examples;
};

double norm(const at::Tensor& tensor) {
  return at::linalg_vector_norm(tensor.detach().to(at::kDouble)).item().toDouble();
}

}  // namespace

TEST_CASE("every example is in one micro-batch, and none but a long example alone is over the budget") {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<int64_t> lengths = random_lengths(seed);
    const int64_t budget = 1 + static_cast<int64_t>(RandomStream(seed).below(99, 600));
    INFO("seed " << seed << ", budget " << budget);
    const Parts parts = pack_by_tokens(lengths, budget);
    std::vector<size_t> places;
    int64_t tokens = 0;
    for (const std::vector<size_t>& part : parts) {
      places.insert(places.end(), part.begin(), part.end());
      REQUIRE_FALSE(part.empty());
      CHECK((part.size() == 1 || tokens_of(part, lengths) <= budget));
      tokens += tokens_of(part, lengths);
    }
    std::sort(places.begin(), places.end());
    std::vector<size_t> all(lengths.size());
    std::iota(all.begin(), all.end(), size_t{0});
    CHECK(places == all);
    // First fit: no two parts would go into one.
    for (size_t a = 0; a < parts.size(); ++a) {
      for (size_t b = a + 1; b < parts.size(); ++b) {
        CHECK(tokens_of(parts[a], lengths) + tokens_of(parts[b], lengths) > budget);
      }
    }
    CHECK(pack_by_tokens(lengths, budget) == parts);
  }
}

TEST_CASE("the longest come first, equal lengths by their place") {
  CHECK(pack_by_tokens({3, 5, 3, 9, 2}, 8) == Parts{{3}, {1, 0}, {2, 4}});
  CHECK(pack_by_tokens({4, 4, 4}, 8) == Parts{{0, 1}, {2}});
  CHECK(pack_by_tokens({}, 8).empty());
  CHECK(host::parts_of(5, 2) == Parts{{0, 1}, {2, 3}, {4}});
}

TEST_CASE("virtual tokens and both sequences of a pair count") {
  EncodedExample example;
  example.inputs = {{.ids = {1, 2, 3}, .labels = {}}, {.ids = {4}, .labels = {}}};
  CHECK(host::computed_tokens(example, 0) == 4);
  CHECK(host::computed_tokens(example, 10) == 24);
}

TEST_CASE("gradients do not depend on the micro-batches, dropout, prefix and prompt included") {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    for (const int64_t budget : {1, 20, 40, 1000}) {
      DYNAMIC_SECTION(c10::toString(dtype) << ", " << budget << " tokens") {
        Training plain(dtype);
        Training packed(dtype);
        host::Trainer expected = plain.trainer(0);
        host::Trainer found = packed.trainer(budget);
        const double tolerance = dtype == at::kFloat ? 1e-5 : 1e-12;
        const host::StepReport a = expected.advance();
        const host::StepReport b = found.advance();
        CHECK(b.loss == Approx(a.loss).epsilon(tolerance));
        CHECK(b.gradient_norm == Approx(a.gradient_norm).epsilon(tolerance));
        CHECK(b.tokens == a.tokens);
        for (size_t i = 0; i < found.optimizer().tensors().size(); ++i) {
          // After one step the first moment is the gradient, scaled.
          const at::Tensor& gradient = expected.optimizer().tensors()[i].exp_avg;
          INFO(found.optimizer().tensors()[i].path);
          CHECK(norm(found.optimizer().tensors()[i].exp_avg - gradient) <= tolerance * norm(gradient));
        }
      }
    }
  }
}

TEST_CASE("a whole training is the same in micro-batches and with recomputation") {
  Training plain(at::kDouble);
  Training packed(at::kDouble);
  host::Trainer expected = plain.trainer(0);
  host::Trainer found = packed.trainer(20, /*recompute=*/true);
  while (!expected.done()) {
    CHECK(found.advance().loss == Approx(expected.advance().loss).epsilon(1e-9));
  }
  CHECK(found.done());
}

TEST_CASE("the sizes of all micro-batches are known before the first step") {
  Training training(at::kFloat);
  const host::Trainer trainer = training.trainer(0);
  const auto sizes = trainer.microbatch_sizes({1, 40, 100'000, 0});
  const auto fullest = [&](size_t i) {
    int64_t tokens = 0;
    for (const host::MicrobatchSize& size : sizes.at(i)) {
      CHECK(size.tokens >= size.sequences * 4);  // a token and a prompt of three
      tokens = std::max(tokens, size.tokens);
    }
    return tokens;
  };
  CHECK(fullest(0) == 33);  // the longest example and its prompt
  CHECK(fullest(1) <= 40);
  CHECK(fullest(1) > 33);
  CHECK(fullest(2) > fullest(3));
  for (const host::MicrobatchSize& size : sizes.at(2)) {
    CHECK(size.first);
    CHECK((size.sequences == 6 || size.sequences == 5));
  }
  CHECK(trainer.microbatch_sizes({40}).front().size() == sizes.at(1).size());
}
