// Prompt tuning: what its virtual tokens start as.
#include <ATen/ops/equal.h>

#include <set>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

TEST_CASE("A prompt stands in front of each sequence, one row a virtual token") {
  MethodOnModel method("prompt", {{"tokens", 4}});
  CHECK(method.set.prompt_length() == 4);
  CHECK(method.tensor("prompt").sizes() == at::IntArrayRef{4, 12});
  CHECK(method.loss() != method.loss(/*active=*/false));
}

TEST_CASE("A random prompt is N(0, 1)") {
  const at::Tensor prompt = MethodOnModel("prompt", {{"tokens", 200}}, {.positions = 300}).tensor("prompt");
  CHECK(prompt.mean().item<double>() == Approx(0.0).margin(0.1));
  CHECK(prompt.std().item<double>() == Approx(1.0).epsilon(0.05));
}

TEST_CASE("A prompt sampled from the vocabulary is embeddings of several of its tokens") {
  const MethodOnModel method("prompt", {{"tokens", 30}, {"init", "sample_vocab"}}, {.positions = 60});
  const at::Tensor table = method.model->sites().embeddings.front().weight->tensor;
  std::set<int64_t> drawn;
  for (const at::Tensor& row : method.tensor("prompt").unbind(0)) {
    for (int64_t id = 0; id < table.size(0); ++id) {
      if (at::equal(table[id], row)) drawn.insert(id);
    }
  }
  CHECK(drawn.size() > 10);  // of 23, drawn 30 times
  const MethodOnModel again("prompt", {{"tokens", 30}, {"init", "sample_vocab"}}, {.positions = 60});
  CHECK(at::equal(again.tensor("prompt"), method.tensor("prompt")));
}

TEST_CASE("A prompt's text and its init go together") {
  CHECK_THAT(refusal("prompt", {{"init", "text"}}), Contains("'text' and 'init: text' go together"));
  CHECK_THAT(refusal("prompt", {{"text", "Hello"}}), Contains("'text' and 'init: text' go together"));
}
