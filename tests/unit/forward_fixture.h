// What the tests of forwards share: a tiny model, examples, and one of every kind of attachment.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "peft/attachments.h"
#include "peft/method.h"
#include "peft/ops.h"
#include "support/tiny_gpt2.h"

namespace peft::test {

inline Value::List texts(std::initializer_list<const char*> items) {
  return Value::List(items.begin(), items.end());
}

inline std::vector<EncodedExample> some_examples(const Model& model) {
  return {random_example(model, 5, 0), random_example(model, 1, 1), random_example(model, 9, 2),
          random_example(model, 2, 3)};
}

inline at::Tensor loss_of(Model& model, const std::vector<EncodedExample>& examples,
                          const ForwardOptions& options) {
  const Batch batch = pack_all(examples);
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  return target_loss(forward, *model.language_head(), hidden, target_rows(forward));
}

inline ForwardOptions with(std::vector<ActiveSet> sets, bool training = false) {
  ForwardOptions options;
  options.sets = std::move(sets);
  options.training = training;
  options.random = RandomStream(99);
  return options;
}

struct Attachments {
  std::string what;
  std::function<void(Model&, AdapterSet&)> add;
  int tensors;  // trained ones
  bool tied = true;
  bool holds_norms = false;  // its gradient takes some of what depends on its tensors for constant (DoRA)
};

// A tiny model with one kind of them on it, all drawn.
struct AttachedModel {
  explicit AttachedModel(const Attachments& kind, TinyGpt2 description = {}) {
    description.tied = kind.tied;
    model = make(description);
    kind.add(*model, set);
    randomize(set);
  }

  AdapterSet set{"default"};  // outlives the model it is on
  std::unique_ptr<Model> model;
};

inline const std::vector<Attachments>& every_kind() {
  static const std::vector<Attachments> kinds = {
      {"lora on every linear site of the blocks",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 11}, {"targets", texts({"attn.qkv", "attn.out", "mlp.in", "mlp.out"})}});
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
      {"lora out of the weight, with dropout",
       [](Model& model, AdapterSet& set) {
         attach(
             model, set, "lora",
             {{"rank", 2}, {"init", "pissa"}, {"dropout", 0.3}, {"targets", texts({"attn.k", "mlp.out"})}});
       },
       8},
      {"lora on token embeddings, the head and biases",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 2}, {"bias", "lora_only"}, {"targets", texts({"embed.tokens", "head", "attn.q"})}});
       },
       10},
      {"dora on all of that",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 2},
                 {"use_dora", true},
                 {"bias", "all"},
                 {"targets", texts({"embed.tokens", "head", "attn.q", "mlp.out"})}});
       },
       31, true, true},
      {"dora out of the weight, with dropout, after lora",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora", {{"rank", 1}, {"targets", texts({"attn.qkv"})}}, "first");
         attach(model, set, "lora",
                {{"rank", 2},
                 {"use_dora", true},
                 {"init", "pissa"},
                 {"dropout", 0.3},
                 {"targets", texts({"attn.k", "mlp.out"})}});
       },
       16, true, true},
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

}  // namespace peft::test
