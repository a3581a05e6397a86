// Prefix tuning: what stands in front of the keys and values of each layer, and what it starts as.
#include <ATen/ops/equal.h>
#include <ATen/ops/tanh.h>

#include "method_fixture.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

// Three virtual tokens on two layers of three heads of four.
KeysValues in_front_of(MethodOnModel& method, size_t layer) {
  const auto examples = some_examples(*method.model);
  const Batch batch = pack_all(examples);
  const ForwardOptions options = with({&method.set});
  const Forward forward(*method.model, batch, options);
  return method.model->sites().attentions[layer].attachments.front().attachment->keys_values(forward);
}

// Row by row: the keys of layer 0, its values, the keys of layer 1, …
void check_slots(MethodOnModel& method, const at::Tensor& flat) {
  for (int64_t layer = 0; layer < 2; ++layer) {
    const auto [keys, values] = in_front_of(method, static_cast<size_t>(layer));
    const auto slot = [&](int64_t number) { return flat.narrow(1, 12 * number, 12).view({3, 3, 4}); };
    CHECK((keys - slot(2 * layer)).abs().max().item<double>() < 1e-12);
    CHECK((values - slot(2 * layer + 1)).abs().max().item<double>() < 1e-12);
  }
}

}  // namespace

TEST_CASE("A prefix holds each layer's keys, then its values") {
  MethodOnModel method("prefix", {{"tokens", 3}});
  CHECK(method.set.prefix_length() == 3);
  REQUIRE(method.tensor("prefix").sizes() == at::IntArrayRef{3, 48});
  check_slots(method, method.tensor("prefix"));
}

TEST_CASE("A projected prefix is a perceptron with tanh of its embedding (Li and Liang 2021, section 4.3)") {
  MethodOnModel method("prefix", {{"tokens", 3}, {"projection", true}, {"projection_hidden", 5}});
  randomize(method.set);
  const auto affine = [&](const std::string& module, const at::Tensor& x) {
    return x.matmul(method.tensor(module + ".weight").t()) + method.tensor(module + ".bias");
  };
  check_slots(method, affine("projection.2", at::tanh(affine("projection.0", method.tensor("embedding")))));
}

TEST_CASE("A prefix of zeros is zeros, projected or not, and can still move") {
  for (const bool projection : {false, true}) {
    MethodOnModel method("prefix", {{"tokens", 3}, {"init", "zero"}, {"projection", projection}});
    const auto [keys, values] = in_front_of(method, 1);
    CHECK(keys.eq(0.0).all().item<bool>());
    CHECK(values.eq(0.0).all().item<bool>());
    CHECK(method.loss() != method.loss(/*active=*/false));  // attention is paid to zeros too
    const auto examples = some_examples(*method.model);
    loss_of(*method.model, examples, with({&method.set}, true)).backward();
    CHECK(method.tensor(projection ? "projection.2.weight" : "prefix").grad().abs().max().item<double>() > 0);
  }
}

TEST_CASE("A prefix's text goes with its init, and not with a projection") {
  CHECK_THAT(refusal("prefix", {{"init", "text"}}), Contains("'text' and 'init: text' go together"));
  CHECK_THAT(refusal("prefix", {{"init", "text"}, {"text", "Hello"}, {"projection", true}}),
             Contains("cannot start a projection"));
}
