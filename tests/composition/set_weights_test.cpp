// Sets that act by a weight: half of what each kind of attachment changes, and the sum of several.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <utility>

#include "peft/attachments.h"
#include "peft/error.h"
#include "peft/method.h"
#include "support/tiny_gpt2.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;

namespace {

// What each of them makes of a value.
at::Tensor changed(const at::Tensor& x) {
  return x * x + 0.25 * x + 1.0;
}

class ChangedOutput : public LinearAttachment {
 public:
  at::Tensor output(const LinearCall&, const at::Tensor&, const at::Tensor& y) const override {
    return changed(y);
  }
};

class ChangedInput : public LinearAttachment {
 public:
  bool changes_input() const override { return true; }
  at::Tensor input(const LinearCall&, const at::Tensor& x) const override { return changed(x); }
};

class ChangedEmbedding : public EmbeddingAttachment {
 public:
  at::Tensor output(const Forward&, const Rows&, const at::Tensor&, const at::Tensor& y) const override {
    return changed(y);
  }
};

class ChangedSublayer : public ResidualAttachment {
 public:
  at::Tensor output(const Forward&, const Rows&, const ResidualStreams& streams) const override {
    return changed(streams.sublayer_output);
  }
};

class ChangedParameter : public ParameterAttachment {
 public:
  at::Tensor value(const at::Tensor& base) const override { return changed(base); }
};

Batch some_batch(const Model& model) {
  return pack_all({random_example(model, 6, 0), random_example(model, 3, 1)});
}

// What `ask` gets in a forward with these sets.
at::Tensor in_forward(Model& model, std::vector<ActiveSet> sets,
                      const std::function<at::Tensor(Forward&)>& ask) {
  const at::NoGradGuard no_grad;
  const Batch batch = some_batch(model);
  ForwardOptions options;
  options.sets = std::move(sets);
  Forward forward(model, batch, options);
  return ask(forward);
}

at::Tensor logits(Model& model, std::vector<ActiveSet> sets) {
  return in_forward(model, std::move(sets), [&](Forward& forward) {
    const at::Tensor hidden = model.hidden(forward).index_select(0, forward.real_rows());
    return forward.linear(*model.language_head(), hidden);
  });
}

double largest(const at::Tensor& difference) {
  return difference.abs().max().item().toDouble();
}

template <class Attachment, class Site>
void put(Site& site, const AdapterSet& set, int64_t begin = 0, int64_t size = 0) {
  site.attachments.push_back(
      {.set = &set, .attachment = std::make_unique<Attachment>(), .begin = begin, .size = size});
}

}  // namespace

TEST_CASE("By a weight w, an attachment of any kind gives before + w · (after - before)") {
  AdapterSet set("some");
  const auto model = make();
  LinearSite& linear = *model->sites().linear_targets({"h.0.mlp.in"}).front().site;
  const at::Tensor x = in_forward(
      *model, {}, [&](Forward& forward) { return forward.embed(model->sites().embeddings.front()); });
  const auto output = [&](Forward& forward) { return forward.linear(linear, x); };
  const auto sublayer = [&](Forward& forward) {
    return forward.residual(model->sites().residuals.front(), {x, x, x});
  };
  const auto embedded = [&](Forward& forward) { return forward.embed(model->sites().embeddings.front()); };
  const auto parameter = [&](Forward& forward) { return forward.parameter(*linear.bias); };

  struct Kind {
    const char* what;
    std::function<void()> attach;
    std::function<at::Tensor(Forward&)> ask;
  };
  const std::vector<Kind> kinds = {
      {"a linear's output", [&] { put<ChangedOutput>(linear, set, 0, linear.out); }, output},
      {"a slice of it", [&] { put<ChangedOutput>(linear, set, 5, 7); }, output},
      {"a linear's input", [&] { put<ChangedInput>(linear, set, 0, linear.out); }, output},
      {"a sub-layer's output", [&] { put<ChangedSublayer>(model->sites().residuals.front(), set); },
       sublayer},
      {"an embedding", [&] { put<ChangedEmbedding>(model->sites().embeddings.front(), set); }, embedded},
      {"a parameter", [&] { put<ChangedParameter>(*linear.bias, set); }, parameter},
  };
  for (const Kind& kind : kinds) {
    INFO(kind.what);
    const at::Tensor before = in_forward(*model, {}, kind.ask);
    kind.attach();
    const at::Tensor after = in_forward(*model, {&set}, kind.ask);
    CHECK(largest(after - before) > 0.1);
    for (const double weight : {0.5, -1.0, 2.0}) {
      INFO(weight);
      const at::Tensor found = in_forward(*model, {{&set, weight}}, kind.ask);
      CHECK(largest(found - (before + weight * (after - before))) < 1e-12);
    }
    CHECK(at::equal(in_forward(*model, {{&set, 0.0}}, kind.ask), before));
    CHECK(at::equal(in_forward(*model, {}, kind.ask), before));
    model->sites().detach(set);
  }
}

TEST_CASE("LoRA by one half is LoRA with half its alpha") {
  AdapterSet whole("whole");
  AdapterSet half("half");
  const auto model = make();
  const Value::List targets = {"attn.qkv", "attn.out", "mlp.in", "head"};
  attach(*model, whole, "lora", {{"rank", 2}, {"alpha", 6}, {"targets", targets}});
  attach(*model, half, "lora", {{"rank", 2}, {"alpha", 3}, {"targets", targets}});
  randomize(whole);
  randomize(half);
  CHECK(largest(logits(*model, {{&whole, 0.5}}) - logits(*model, {&half})) < 1e-12);
  CHECK(largest(logits(*model, {&whole}) - logits(*model, {&half})) > 1e-3);
}

TEST_CASE("Stacked LoRAs are one whose matrices are theirs beside each other, by their weights") {
  AdapterSet first("first");
  AdapterSet second("second");
  AdapterSet both("both");
  const auto model = make();
  const Value::List targets = {"attn.qkv", "mlp.out"};
  attach(*model, first, "lora", {{"rank", 2}, {"alpha", 2}, {"targets", targets}});
  attach(*model, second, "lora", {{"rank", 3}, {"alpha", 3}, {"targets", targets}});
  attach(*model, both, "lora", {{"rank", 5}, {"alpha", 5}, {"targets", targets}});
  randomize(first, 0.3, 1);
  randomize(second, 0.3, 2);
  const auto& a = first.methods().front().tensors;
  const auto& b = second.methods().front().tensors;
  {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < a.size(); i += 2) {  // A and B of each site in turn
      auto& together = both.methods().front().tensors;
      together[i].tensor.copy_(at::cat({a[i].tensor, b[i].tensor}, 0));
      together[i + 1].tensor.copy_(at::cat({a[i + 1].tensor, 0.5 * b[i + 1].tensor}, 1));
    }
  }
  CHECK(largest(logits(*model, {&first, {&second, 0.5}}) - logits(*model, {&both})) < 1e-11);
}

TEST_CASE("Trained parameters by one half lie half way from the base's, and of two sets the changes add up") {
  AdapterSet first("first");
  AdapterSet second("second");
  AdapterSet between("between");
  const auto model = make();
  for (AdapterSet* set : {&first, &second, &between}) attach(*model, *set, "full");
  randomize(first, 0.1, 1);
  randomize(second, 0.1, 2);
  {
    const at::NoGradGuard no_grad;
    for (size_t i = 0; i < between.methods().front().tensors.size(); ++i) {
      const at::Tensor base = model->sites().parameters[i].tensor;
      between.methods().front().tensors[i].tensor.copy_(
          base + 0.5 * (first.methods().front().tensors[i].tensor - base) +
          (second.methods().front().tensors[i].tensor - base));
    }
  }
  CHECK(largest(logits(*model, {{&first, 0.5}, &second}) - logits(*model, {&between})) < 1e-10);
}

TEST_CASE("Virtual tokens act by 1 or not at all") {
  for (const char* method : {"prefix", "prompt"}) {
    AdapterSet set("some tokens");
    const auto model = make();
    attach(*model, set, method, {{"tokens", 2}});
    CHECK_THROWS_WITH(logits(*model, {{&set, 0.5}}), Contains("some tokens") && Contains("virtual tokens"));
    CHECK_NOTHROW(logits(*model, {&set}));
  }
}

TEST_CASE("Switching sets on and off leaves no trace") {
  AdapterSet first("first");
  AdapterSet second("second");
  const auto model = make({.dtype = at::kFloat});
  attach(*model, first, "lora", {{"rank", 2}});
  attach(*model, second, "full");
  attach(*model, second, "prefix", {{"tokens", 2}});
  randomize(first);
  randomize(second, 0.1);
  const std::vector<std::vector<ActiveSet>> stacks = {{}, {&first}, {&second}, {{&first, 0.5}, &second}};
  std::vector<at::Tensor> seen;
  for (const auto& stack : stacks) seen.push_back(logits(*model, stack));
  for (const size_t again : {3, 0, 2, 1, 0, 3}) CHECK(at::equal(logits(*model, stacks[again]), seen[again]));
  for (size_t i = 1; i < seen.size(); ++i) CHECK_FALSE(at::equal(seen[i], seen[i - 1]));
}
