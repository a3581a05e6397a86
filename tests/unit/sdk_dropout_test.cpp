// Dropout: where it acts, and that nothing but step, example, site and place decides it.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>

#include <catch2/catch.hpp>

#include "forward_fixture.h"

using namespace peft;
using namespace peft::test;

TEST_CASE("dropout does not depend on how examples are put into micro-batches") {
  for (const Attachments& kind : every_kind()) {
    DYNAMIC_SECTION(kind.what) {
      AttachedModel attached(kind);
      const auto& [set, model] = attached;
      const auto examples = some_examples(*model);
      const double together = loss_of(*model, examples, with({&set}, true)).item().toDouble();
      const double apart = loss_of(*model, {examples[3], examples[0]}, with({&set}, true)).item().toDouble() +
                           loss_of(*model, {examples[2], examples[1]}, with({&set}, true)).item().toDouble();
      CHECK(together == Approx(apart).epsilon(1e-12));
      double alone = 0.0;
      for (const EncodedExample& example : examples) {
        alone += loss_of(*model, {example}, with({&set}, true)).item().toDouble();
      }
      CHECK(together == Approx(alone).epsilon(1e-12));
    }
  }
}

TEST_CASE("dropout acts in training, and differs between steps, sites and places") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora", {{"dropout", 0.4}});
  randomize(set);
  const auto examples = some_examples(*model);
  ForwardOptions training = with({&set}, true);
  const double in_training = loss_of(*model, examples, training).item().toDouble();
  const double in_evaluation = loss_of(*model, examples, with({&set})).item().toDouble();
  CHECK(in_training != in_evaluation);
  training.random = RandomStream(100);
  CHECK(loss_of(*model, examples, training).item().toDouble() != in_training);

  const Batch batch = pack_all(examples);
  Forward forward(*model, batch, training);
  const Rows rows{.example = {0, 0, 1}, .place = {0, 1, 0}, .offsets = {}};
  const at::Tensor ones = at::ones({3, 4000}, at::kDouble);
  const at::Tensor mask = forward.dropout(ones, 0.4, "site", rows);
  CHECK(mask.mean().item().toDouble() == Approx(1.0).margin(0.03));
  CHECK(mask.eq(0).to(at::kDouble).mean().item().toDouble() == Approx(0.4).margin(0.02));
  CHECK_FALSE(at::equal(mask[0], mask[1]));
  CHECK_FALSE(at::equal(mask[0], mask[2]));
  CHECK_FALSE(at::equal(mask, forward.dropout(ones, 0.4, "another site", rows)));
  CHECK(at::equal(mask, forward.dropout(ones, 0.4, "site", rows)));
}
