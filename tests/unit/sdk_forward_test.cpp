// What a forward computes, in float64: who acts on what, and what must not matter.
#include <ATen/TensorOperators.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <memory>

#include "forward_fixture.h"

using namespace peft;
using namespace peft::test;

namespace {

// y -> factor · y + summand.
class Affine : public LinearAttachment {
 public:
  Affine(double factor, double summand) : factor_(factor), summand_(summand) {}
  at::Tensor output(const LinearCall&, const at::Tensor&, const at::Tensor& y) const override {
    return y * factor_ + summand_;
  }

 private:
  double factor_;
  double summand_;
};

}  // namespace

TEST_CASE("the base computes the same bits, whatever stands on it that does not act") {
  const auto model = make();
  const auto examples = some_examples(*model);
  const double before = loss_of(*model, examples, with({})).item().toDouble();
  std::vector<at::Tensor> tensors;
  for (const ParameterSite& site : model->sites().parameters) tensors.push_back(site.tensor.clone());
  for (const Attachments& kind : every_kind()) {
    INFO(kind.what);
    if (!kind.tied) continue;
    AdapterSet set(kind.what);
    kind.add(*model, set);
    randomize(set);
    AdapterSet other("other");
    attach(*model, other, "lora", {{"targets", texts({"mlp.in"})}});
    const double tuned = loss_of(*model, examples, with({&set})).item().toDouble();
    CHECK(std::abs(tuned - before) > 1e-3);
    CHECK(loss_of(*model, examples, with({})).item().toDouble() == before);
    CHECK(loss_of(*model, examples, with({&other})).item().toDouble() ==
          before);  // a fresh LoRA does nothing
    model->sites().detach(set);
    model->sites().detach(other);
  }
  size_t i = 0;
  for (const ParameterSite& site : model->sites().parameters) CHECK(at::equal(site.tensor, tensors[i++]));
}

TEST_CASE("attachments of a site act one after the other, each on its slice of what came before") {
  const auto model = make();
  AdapterSet set("default");
  LinearSite& site = *model->sites().linear_targets({"attn.qkv"}).front().site;
  site.attachments.push_back({&set, std::make_unique<Affine>(2.0, 0.0), 0, site.out});
  site.attachments.push_back(
      {&set, std::make_unique<Affine>(1.0, 5.0), site.parts[1].begin, site.parts[1].size});
  site.attachments.push_back(
      {&set, std::make_unique<Affine>(3.0, 0.0), site.parts[1].begin, site.parts[1].size});
  site.attachments.push_back(
      {&set, std::make_unique<Affine>(1.0, 1.0), site.parts[2].begin, site.parts[2].size});
  const auto examples = some_examples(*model);
  const Batch batch = pack_all(examples);
  const ForwardOptions tuned = with({&set});
  const ForwardOptions base = with({});
  Forward forward(*model, batch, tuned);
  Forward of_base(*model, batch, base);
  const at::Tensor x = model->sites().parameter("transformer.wte.weight").tensor.narrow(0, 0, 4);
  Rows rows{.example = {0, 0, 0, 0}, .place = {0, 1, 2, 3}, .offsets = {}};
  const at::Tensor y = of_base.linear(site, x, rows);
  const at::Tensor changed = forward.linear(site, x, rows);
  const auto part = [&](const at::Tensor& t, size_t i) {
    return t.narrow(1, site.parts[i].begin, site.parts[i].size);
  };
  CHECK(at::equal(part(changed, 0), part(y, 0) * 2.0));
  CHECK((part(changed, 1) - (part(y, 1) * 2.0 + 5.0) * 3.0).abs().max().item().toDouble() < 1e-12);
  CHECK((part(changed, 2) - (part(y, 2) * 2.0 + 1.0)).abs().max().item().toDouble() < 1e-12);
}

TEST_CASE("sets that train one base tensor change it by the sum of what each changes, each by its weight") {
  const auto model = make();
  const Value targets = texts({"transformer.ln_f.bias"});
  AdapterSet first("first");
  AdapterSet second("second");
  AdapterSet sum("sum");
  for (AdapterSet* set : {&first, &second, &sum}) attach(*model, *set, "full", {{"targets", targets}});
  randomize(first, 0.3, 1);
  randomize(second, 0.3, 2);
  const auto tensor = [](AdapterSet& set) { return set.methods().front().tensors.front().tensor; };
  const at::Tensor base = model->sites().parameter("transformer.ln_f.bias").tensor;
  tensor(sum).detach().copy_(tensor(first) + 0.25 * (tensor(second) - base));
  const auto examples = some_examples(*model);
  const auto loss = [&](const ForwardOptions& options) {
    return loss_of(*model, examples, options).item().toDouble();
  };
  CHECK(loss(with({&first, {&second, 0.25}})) == Approx(loss(with({&sum}))).epsilon(1e-12));
  CHECK(loss(with({&first, {&second, 0.25}})) != Approx(loss(with({&first}))).epsilon(1e-6));
}

TEST_CASE("sequences in a batch do not see each other") {
  for (const Attachments& kind : every_kind()) {
    DYNAMIC_SECTION(kind.what) {
      AttachedModel attached(kind);
      const auto& [set, model] = attached;
      const auto examples = some_examples(*model);
      const auto nll = [&](const std::vector<EncodedExample>& some) {
        const Batch batch = pack_all(some);
        const ForwardOptions options = with({&set});
        Forward forward(*model, batch, options);
        const at::Tensor hidden = model->hidden(forward);
        return target_nll(forward, *model->language_head(), hidden, scored_rows(forward));
      };
      const at::Tensor together = nll(examples);
      REQUIRE(together.size(0) == 4 + 0 + 8 + 1);
      int64_t begin = 0;
      for (const EncodedExample& example : examples) {
        const at::Tensor alone = nll({example});
        if (alone.size(0) > 0) {
          const at::Tensor same = together.narrow(0, begin, alone.size(0));
          CHECK((same - alone).abs().max().item().toDouble() < 1e-12);
        }
        begin += alone.size(0);
      }
    }
  }
}

TEST_CASE("virtual tokens shift positions, and only a prompt's predict the first token") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "prefix", {{"tokens", 3}});
  attach(*model, set, "prompt", {{"tokens", 2}});
  const Batch batch = pack_all({random_example(*model, 4, 0), random_example(*model, 2, 1)});
  const ForwardOptions options = with({&set});
  const Forward forward(*model, batch, options);
  CHECK(forward.virtual_tokens_in_front() == 2);
  CHECK(forward.rows().offsets == std::vector<int64_t>{0, 6, 10});
  const std::vector<int64_t> positions(forward.positions().data_ptr<int64_t>(),
                                       forward.positions().data_ptr<int64_t>() + 10);
  CHECK(positions == std::vector<int64_t>{3, 4, 5, 6, 7, 8, 3, 4, 5, 6});
  CHECK(target_rows(forward).count() == 6);  // the last virtual token predicts the first real one
  CHECK(scored_rows(forward).count() == 4);  // what perplexity scores is the same for every method
  const ForwardOptions base = with({});
  const Forward of_base(*model, batch, base);
  CHECK(target_rows(of_base).count() == 4);
  CHECK(at::equal(scored_rows(of_base).ids, scored_rows(forward).ids));
}
