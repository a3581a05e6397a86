// Merging LoRA's variants: what they do to weights is what they do to outputs.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>
#include <map>
#include <string>

#include "forward_fixture.h"

using namespace peft;
using namespace peft::test;

namespace {

// The base's parameters by name with everything that stands on `model` folded in.
std::map<std::string, at::Tensor> folded(Model& model) {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> weights;
  for (ParameterSite& site : model.sites().parameters) {
    at::Tensor value = site.tensor;
    for (const auto& attached : site.attachments) value = attached.attachment->value(value);
    weights[site.name] = value.detach().clone();
  }
  for (LinearSite& site : model.sites().linears) {
    at::Tensor& stored = weights.at(site.weight->name);
    for (const auto& attached : site.attachments) {
      const at::Tensor rows = (site.layout == WeightLayout::in_out ? stored.t() : stored)
                                  .narrow(0, attached.begin, attached.size);
      at::Tensor weight = rows.clone();
      at::Tensor bias;
      REQUIRE(attached.attachment->fold(site, weight, bias));
      rows.copy_(weight);
    }
  }
  for (EmbeddingSite& site : model.sites().embeddings) {
    for (const auto& attached : site.attachments) {
      REQUIRE(attached.attachment->fold(site, weights.at(site.weight->name)));
    }
  }
  return weights;
}

}  // namespace

TEST_CASE("a model into which LoRA and its variants are merged is the model they stand on") {
  const Value several = texts({"attn.q", "attn.v", "mlp.in", "mlp.out"});
  const Value everything = texts({"attn.qkv", "mlp.out", "embed.tokens", "head"});
  const std::map<std::string, std::vector<Value::Map>> recipes = {
      {"plain", {{{"targets", several}}}},
      {"embeddings, head, biases", {{{"targets", everything}, {"bias", "all"}}}},
      {"slices with their biases", {{{"targets", several}, {"bias", "lora_only"}}}},
      {"pissa", {{{"targets", several}, {"init", "pissa"}}}},
      {"dora", {{{"targets", everything}, {"use_dora", true}, {"bias", "lora_only"}}}},
      {"dora on slices, out of the weight", {{{"targets", several}, {"use_dora", true}, {"init", "olora"}}}},
      {"lora, then dora, then lora",
       {{{"targets", everything}}, {{"targets", everything}, {"use_dora", true}}, {{"targets", several}}}},
  };
  for (const auto& [what, methods] : recipes) {
    DYNAMIC_SECTION(what) {
      const TinyGpt2 untied = {.tied = false};
      const auto model = make(untied);
      AdapterSet set("default");
      for (Value::Map options : methods) {
        options.emplace_back("rank", 2);
        attach(*model, set, "lora", options, "lora " + std::to_string(set.methods().size()));
      }
      randomize(set);
      const auto examples = some_examples(*model);
      const auto merged = make(untied);
      for (const auto& [name, tensor] : folded(*model)) merged->sites().parameter(name).tensor = tensor;
      const double expected = loss_of(*model, examples, with({&set})).item().toDouble();
      CHECK(loss_of(*merged, examples, with({})).item().toDouble() == Approx(expected).epsilon(1e-12));
      CHECK(expected != Approx(loss_of(*model, examples, with({})).item().toDouble()).epsilon(1e-3));
    }
  }
}

TEST_CASE("DoRA beside full fine-tuning has the norms of the weight that is trained") {
  const auto model = make();
  AdapterSet set("default");
  attach(*model, set, "full", {{"targets", texts({"**.mlp.c_fc.weight"})}});
  attach(*model, set, "lora", {{"rank", 2}, {"use_dora", true}, {"targets", texts({"mlp.in"})}});
  randomize(set);
  const auto merged = make();
  for (const auto& [name, tensor] : folded(*model)) merged->sites().parameter(name).tensor = tensor;
  const auto examples = some_examples(*model);
  CHECK(loss_of(*merged, examples, with({})).item().toDouble() ==
        Approx(loss_of(*model, examples, with({&set})).item().toDouble()).epsilon(1e-12));
  // Each row is as long as its magnitude says.
  const at::Tensor norms = merged->sites().parameter("transformer.h.0.mlp.c_fc.weight").tensor.norm(2, 0);
  for (const MethodTensor& tensor : set.methods().back().tensors) {
    if (tensor.name != "h.0.mlp.in.magnitude") continue;
    CHECK((norms - tensor.tensor.detach().abs()).abs().max().item().toDouble() < 1e-12);
  }
}

TEST_CASE("an adapter set that acts by a weight moves DoRA's outputs by that share") {
  AttachedModel attached(
      {"dora",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora",
                {{"rank", 2}, {"use_dora", true}, {"init", "pissa"}, {"targets", texts({"head"})}});
       },
       3});
  Model& model = *attached.model;
  const Batch batch = pack_all(some_examples(model));
  const auto logits = [&](std::vector<ActiveSet> sets) {
    Forward forward(model, batch, with(std::move(sets)));
    return forward.linear(*model.language_head(), model.hidden(forward)).detach();
  };
  const at::Tensor base = logits({});
  const at::Tensor half = logits({{&attached.set, 0.5}});
  const at::Tensor whole = logits({{&attached.set, 1.0}});
  CHECK((half - 0.5 * (base + whole)).abs().max().item().toDouble() < 1e-12);
}
