// Merging: what an attachment does to a weight is what it does to the outputs.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>

#include "forward_fixture.h"

using namespace peft;
using namespace peft::test;

TEST_CASE("LoRA is folded into a weight of less precision with a single rounding") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "lora", {{"rank", 3}, {"alpha", 2.5}, {"targets", texts({"attn.out"})}});
  randomize(set);
  const LinearSite& site = *model->sites().linear_targets({"attn.out"}).front().site;
  const LinearAttachment& lora = *site.attachments.front().attachment;
  const at::Tensor a = set.methods().front().tensors[0].tensor;
  const at::Tensor b = set.methods().front().tensors[1].tensor;
  const at::Tensor exact = weight_out_in(site).to(at::kBFloat16).to(at::kDouble) + 2.5 / 3 * b.matmul(a);

  at::Tensor weight = weight_out_in(site).to(at::kBFloat16);
  at::Tensor bias;
  REQUIRE(lora.fold(site, weight, bias));
  CHECK(weight.scalar_type() == at::kBFloat16);
  CHECK(at::equal(weight, exact.to(at::kBFloat16)));
  CHECK_FALSE(bias.defined());

  weight = weight_out_in(site).to(at::kBFloat16).to(at::kDouble);
  REQUIRE(lora.fold(site, weight, bias));
  CHECK((weight - exact).abs().max().item().toDouble() < 1e-14);
}
