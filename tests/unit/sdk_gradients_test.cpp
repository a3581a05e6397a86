// Gradients, in float64: against finite differences, and of the fused loss against the plain one.
#include <ATen/TensorOperators.h>

#include <catch2/catch.hpp>

#include "forward_fixture.h"
#include "gradient_check.h"

using namespace peft;
using namespace peft::test;

TEST_CASE("gradients of every kind of attachment are those of finite differences") {
  for (const Attachments& kind : every_kind()) {
    if (kind.holds_norms) continue;
    DYNAMIC_SECTION(kind.what) {
      AttachedModel attached(kind);
      auto& [set, model] = attached;
      const ForwardOptions options = with({&set}, /*training=*/true);
      const auto examples = some_examples(*model);
      CHECK(check_gradients(set, [&] { return loss_of(*model, examples, options); }) == kind.tensors);
    }
  }
}

TEST_CASE("the fused loss and its gradients are those of the plain one") {
  for (const bool tied : {true, false}) {
    DYNAMIC_SECTION((tied ? "tied head" : "own head")) {
      const auto model = make({.tied = tied});
      AdapterSet set("default");
      attach(*model, set, "full");
      randomize(set);
      const ForwardOptions options = with({&set}, true);
      // More targets than one stretch of rows holds.
      std::vector<EncodedExample> examples;
      for (int64_t i = 0; i < 20; ++i) examples.push_back(random_example(*model, 20, i));
      const Batch batch = pack_all(examples);
      const auto gradients = [&](const at::Tensor& loss) {
        std::vector<at::Tensor> found;
        for (MethodTensor& tensor : set.methods().front().tensors) tensor.tensor.mutable_grad().reset();
        (loss * 0.25).backward();
        for (MethodTensor& tensor : set.methods().front().tensors)
          found.push_back(tensor.tensor.grad().clone());
        return found;
      };
      Forward forward(*model, batch, options);
      const at::Tensor hidden = model->hidden(forward);
      const TargetRows targets = target_rows(forward);
      REQUIRE(targets.count() == 380);
      const at::Tensor fused = target_loss(forward, *model->language_head(), hidden, targets);
      const at::Tensor log_probabilities =
          forward.linear(*model->language_head(), hidden).log_softmax(1).index_select(0, targets.rows);
      const at::Tensor plain = -log_probabilities.gather(1, targets.ids.unsqueeze(1)).sum();
      CHECK(fused.item().toDouble() == Approx(plain.item().toDouble()).epsilon(1e-12));
      CHECK(target_nll(forward, *model->language_head(), hidden, targets).sum().item().toDouble() ==
            Approx(plain.item().toDouble()).epsilon(1e-12));
      Forward again(*model, batch, options);
      const auto of_plain = [&] {
        const at::Tensor states = model->hidden(again);
        const at::Tensor logs =
            again.linear(*model->language_head(), states).log_softmax(1).index_select(0, targets.rows);
        return gradients(-logs.gather(1, targets.ids.unsqueeze(1)).sum());
      }();
      const auto of_fused = gradients(fused);
      for (size_t i = 0; i < of_plain.size(); ++i) {
        INFO(set.methods().front().tensors[i].name);
        CHECK((of_plain[i] - of_fused[i]).abs().max().item().toDouble() < 1e-10);
      }
    }
  }
}

TEST_CASE("full fine-tuning of a bfloat16 base computes as the base does, and trains in float32") {
  const TinyGpt2 description{.dtype = at::kBFloat16, .vocabulary = 61, .width = 32, .heads = 4};
  const auto model = make(description);
  AdapterSet set("default");
  attach(*model, set, "full");
  const auto examples = some_examples(*model);
  const at::Tensor loss = loss_of(*model, examples, with({&set}, true));
  CHECK(loss.item().toDouble() == loss_of(*model, examples, with({})).item().toDouble());
  loss.backward();

  // The same weights without rounding anything on the way.
  TinyGpt2 wide = description;
  wide.dtype = at::kFloat;
  const auto reference = make(wide);
  AdapterSet exact("default");
  attach(*reference, exact, "full");
  for (size_t i = 0; i < set.methods().front().tensors.size(); ++i) {
    exact.methods().front().tensors[i].tensor.detach().copy_(set.methods().front().tensors[i].tensor);
  }
  loss_of(*reference, examples, with({&exact}, true)).backward();
  for (size_t i = 0; i < set.methods().front().tensors.size(); ++i) {
    const MethodTensor& tensor = set.methods().front().tensors[i];
    INFO(tensor.name);
    const at::Tensor wanted = exact.methods().front().tensors[i].tensor.grad();
    CHECK(tensor.tensor.grad().scalar_type() == at::kFloat);
    CHECK(((tensor.tensor.grad() - wanted).norm() / wanted.norm()).item().toDouble() < 0.03);
  }
}
