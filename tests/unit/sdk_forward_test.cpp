// What a forward computes, in float64: gradients against finite differences, and what must not matter.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/ones.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <numeric>
#include <string>

#include "peft/attachments.h"
#include "peft/method.h"
#include "peft/ops.h"
#include "support/tiny_gpt2.h"

namespace {

using namespace peft;
using test::attach;
using test::make;
using test::pack_all;
using test::random_example;
using test::randomize;
using test::TinyGpt2;

Value::List texts(std::initializer_list<const char*> items) {
  return Value::List(items.begin(), items.end());
}

std::vector<EncodedExample> some_examples(const Model& model) {
  return {random_example(model, 5, 0), random_example(model, 1, 1), random_example(model, 9, 2),
          random_example(model, 2, 3)};
}

at::Tensor loss_of(Model& model, const std::vector<EncodedExample>& examples, const ForwardOptions& options) {
  const Batch batch = pack_all(examples);
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  return target_loss(forward, *model.language_head(), hidden, target_rows(forward));
}

ForwardOptions with(std::vector<const AdapterSet*> sets, bool training = false) {
  ForwardOptions options;
  options.sets = std::move(sets);
  options.training = training;
  options.random = RandomStream(99);
  return options;
}

// Compares the gradient of every trained tensor of the set with central differences: some elements, and all
// of them together along a random direction. Returns how many tensors there were.
int check_gradients(AdapterSet& set, const std::function<at::Tensor()>& loss) {
  loss().backward();
  const double step = 1e-5;
  int tensors = 0;
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& entry : method.tensors) {
      INFO(method.name << ": " << entry.name);
      at::Tensor& tensor = entry.tensor;
      REQUIRE(tensor.grad().defined());
      const at::Tensor gradient = tensor.grad().clone();
      ++tensors;
      const auto difference = [&](const at::Tensor& direction) {
        const at::NoGradGuard no_grad;
        tensor.add_(direction, step);
        const double above = loss().item().toDouble();
        tensor.sub_(direction, 2 * step);
        const double below = loss().item().toDouble();
        tensor.add_(direction, step);
        return (above - below) / (2 * step);
      };
      at::Tensor direction = tensor.detach().clone();
      fill_normal(direction, 0.0, 1.0, RandomStream(5).child(entry.name));
      CHECK(difference(direction) ==
            Approx((gradient * direction).sum().item().toDouble()).epsilon(1e-6).margin(1e-6));
      for (const uint64_t draw : {0, 1, 2}) {
        const auto element = static_cast<int64_t>(
            RandomStream(6).child(entry.name).below(draw, static_cast<uint64_t>(tensor.numel())));
        direction.zero_();
        direction.view({-1})[element] = 1.0;
        CHECK(difference(direction) ==
              Approx(gradient.view({-1})[element].item().toDouble()).epsilon(1e-6).margin(1e-6));
      }
    }
  }
  return tensors;
}

struct Attachments {
  std::string what;
  std::function<void(Model&, AdapterSet&)> add;
  int tensors;
  bool tied = true;
};

const std::vector<Attachments>& every_kind() {
  static const std::vector<Attachments> kinds = {
      {"lora on every linear site of the blocks",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 3}, {"targets", texts({"attn.qkv", "attn.out", "mlp.in", "mlp.out"})}});
       },
       16},
      {"lora on slices of a fused weight, with dropout",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 2}, {"dropout", 0.3}, {"targets", texts({"attn.q", "attn.v"})}});
       },
       8},
      {"lora on the head, with dropout",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora", {{"rank", 2}, {"dropout", 0.2}, {"targets", texts({"head"})}});
       },
       2},
      {"a flat prefix",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prefix", {{"tokens", 3}});
       },
       1},
      {"a projected prefix",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prefix", {{"tokens", 3}, {"projection", true}, {"projection_hidden", 5}});
       },
       5},
      {"a prompt",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prompt", {{"tokens", 4}});
       },
       1},
      {"full, the embedding being the head",
       [](Model& model, AdapterSet& set) { attach(model, set, "full"); }, 28},
      {"full, with a head of its own", [](Model& model, AdapterSet& set) { attach(model, set, "full"); }, 29,
       false},
      {"all of them together",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "full", {{"targets", texts({"**.bias", "transformer.wte.weight"})}});
         attach(model, set, "lora",
                {{"rank", 2}, {"dropout", 0.1}, {"targets", texts({"attn.k", "mlp.out"})}});
         attach(model, set, "prefix", {{"tokens", 2}});
         attach(model, set, "prompt", {{"tokens", 3}});
         attach(model, set, "prefix", {{"tokens", 1}, {"projection", true}}, "second prefix");
       },
       29},
  };
  return kinds;
}

TEST_CASE("gradients of every kind of attachment are those of finite differences") {
  for (const Attachments& kind : every_kind()) {
    DYNAMIC_SECTION(kind.what) {
      const auto model = make({.tied = kind.tied});
      AdapterSet set("default");
      kind.add(*model, set);
      randomize(set);
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

TEST_CASE("what overrides a base tensor last stands") {
  const auto model = make();
  AdapterSet first("first");
  AdapterSet second("second");
  attach(*model, first, "full", {{"targets", texts({"transformer.ln_f.bias"})}});
  attach(*model, second, "full", {{"targets", texts({"transformer.ln_f.bias"})}});
  randomize(first, 0.3, 1);
  randomize(second, 0.3, 2);
  const auto examples = some_examples(*model);
  const double both = loss_of(*model, examples, with({&first, &second})).item().toDouble();
  CHECK(both == loss_of(*model, examples, with({&second})).item().toDouble());
  CHECK(both != loss_of(*model, examples, with({&first})).item().toDouble());
}

TEST_CASE("dropout does not depend on how examples are put into micro-batches") {
  for (const Attachments& kind : every_kind()) {
    DYNAMIC_SECTION(kind.what) {
      const auto model = make({.tied = kind.tied});
      AdapterSet set("default");
      kind.add(*model, set);
      randomize(set);
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

TEST_CASE("sequences in a batch do not see each other") {
  for (const Attachments& kind : every_kind()) {
    DYNAMIC_SECTION(kind.what) {
      const auto model = make({.tied = kind.tied});
      AdapterSet set("default");
      kind.add(*model, set);
      randomize(set);
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

}  // namespace
