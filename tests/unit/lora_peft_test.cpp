// LoRA's variants in Hugging Face PEFT's format. What PEFT itself makes of such a folder is compared in
// tests/parity.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

#include "forward_fixture.h"
#include "peft/error.h"
#include "peft/peft_format.h"

using namespace peft;
using namespace peft::test;

namespace {

struct Adapted {
  explicit Adapted(const Value::Map& options) : model(make({.tied = false})) {
    attach(*model, set, "lora", options);
  }
  MethodInstance& method() { return set.methods().front(); }
  PeftFormat& format() { return *query<PeftFormat>(*method().method); }
  PeftFolder to_peft() { return format().to_peft(*model, method()); }
  void from_peft(const PeftFolder& folder) { format().from_peft(folder, *model, method()); }
  double loss() { return loss_of(*model, some_examples(*model), with({&set})).item().toDouble(); }

  AdapterSet set{"default"};
  std::unique_ptr<Model> model;
};

std::string refusal(const Value::Map& options, const PeftFolder& folder) {
  Adapted adapted(options);
  try {
    adapted.from_peft(folder);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing";
}

// A at its start, B drawn: what an update is after a step of training, near enough.
void draw(AdapterSet& set) {
  const at::NoGradGuard no_grad;
  for (MethodTensor& tensor : set.methods().front().tensors) {
    if (!tensor.trained) continue;
    at::Tensor noise = tensor.tensor.detach().clone();
    fill_normal(noise, 0.0, 0.2, RandomStream(8).child(tensor.name));
    tensor.tensor.add_(noise);
  }
}

Value with_options(const Value::Map& options, const Value::Map& more) {
  Value all(options);
  for (const auto& [key, value] : more) all.set(key, value);
  return all;
}

}  // namespace

TEST_CASE("an exported folder read again is the same adapter, whatever the variant") {
  const Value::Map everything = {
      {"rank", 3}, {"alpha", 5}, {"targets", texts({"attn.qkv", "mlp.out", "embed.tokens", "head"})}};
  const std::vector<Value::Map> variants = {
      {},
      {{"use_dora", true}},
      {{"bias", "lora_only"}, {"use_rslora", true}},
      {{"bias", "all"}},
      {{"rank_pattern", Value::Map{{"mlp.out", 2}, {"embed.tokens", 4}}},
       {"alpha_pattern", Value::Map{{"h.1.*.*", 7}}}},
  };
  for (const Value::Map& variant : variants) {
    DYNAMIC_SECTION((variant.empty() ? "plain" : variant.front().first)) {
      const Value::Map options = with_options(everything, variant).as_map();
      Adapted trained(options);
      draw(trained.set);
      Adapted read(options);
      REQUIRE(read.loss() != trained.loss());
      read.from_peft(trained.to_peft());
      CHECK(read.loss() == trained.loss());
    }
  }
}

TEST_CASE("updates that stand on one module together are one update of it in the folder") {
  // Of slices, each with a rank and an alpha of its own; and of a base from which something was taken out.
  const Value slices = texts({"attn.q", "attn.v"});
  const Value whole = texts({"attn.qkv"});
  struct Case {
    Value::Map options;
    Value::Map as_one;
  };
  const std::vector<Case> cases = {
      {{{"rank", 2},
        {"targets", slices},
        {"rank_pattern", Value::Map{{"attn.v", 3}}},
        {"alpha_pattern", Value::Map{{"attn.v", 20}}}},
       {{"rank", 5}, {"alpha", 20}, {"targets", whole}}},
      {{{"rank", 2}, {"targets", slices}, {"use_dora", true}},
       {{"rank", 4}, {"alpha", 16}, {"targets", whole}, {"use_dora", true}}},
      {{{"rank", 2}, {"targets", slices}, {"bias", "lora_only"}},
       {{"rank", 4}, {"alpha", 16}, {"targets", whole}, {"bias", "lora_only"}}},
      {{{"rank", 2}, {"targets", whole}, {"init", "pissa"}},
       {{"rank", 4}, {"alpha", 16}, {"targets", whole}}},
      {{{"rank", 4}, {"targets", whole}, {"init", "olora"}, {"use_rslora", true}},
       {{"rank", 8}, {"alpha", 8 * std::sqrt(2.0)}, {"targets", whole}, {"use_rslora", true}}},
      {{{"rank", 2}, {"targets", slices}, {"init", "pissa_niter_3"}, {"use_dora", true}},
       {{"rank", 8}, {"alpha", 32}, {"targets", whole}, {"use_dora", true}}},
  };
  for (const Case& one : cases) {
    DYNAMIC_SECTION(one.options.back().first << ", rank " << one.as_one.front().second.as_integer()) {
      Adapted trained(one.options);
      draw(trained.set);
      Adapted read(one.as_one);
      read.from_peft(trained.to_peft());
      CHECK(read.loss() == Approx(trained.loss()).epsilon(1e-12));
    }
  }
}

TEST_CASE("a folder of PEFT's is read by its expressions on module names") {
  Adapted trained({{"rank", 2}, {"targets", texts({"attn.out", "mlp.out"})}});
  draw(trained.set);
  PeftFolder folder = trained.to_peft();
  folder.config.set("r", 9);
  folder.config.set("rank_pattern", Value::Map{{"h\\.\\d+\\.(attn|mlp)\\.c_proj", 2}, {"c_proj", 5}});
  Adapted read({{"rank", 2}, {"targets", texts({"attn.out", "mlp.out"})}});
  read.from_peft(folder);
  CHECK(read.loss() == trained.loss());
  folder.config.set("rank_pattern", Value::Map{{"attn.c_proj", 2}});
  CHECK_THAT(refusal({{"rank", 2}, {"targets", texts({"attn.out", "mlp.out"})}}, folder),
             Catch::Matchers::Contains("'r' is 9"));
  folder.config.set("rank_pattern", Value::Map{{"(", 2}});
  CHECK_THAT(refusal({{"rank", 2}, {"targets", texts({"attn.out", "mlp.out"})}}, folder),
             Catch::Matchers::Contains("no regular expression"));
}

TEST_CASE("PEFT's PiSSA is read where its base can be made again, and refused elsewhere") {
  const Value::Map options = {{"rank", 2}, {"init", "pissa"}};
  Adapted trained(options);
  draw(trained.set);
  // As PEFT saves it: A and B alone, the base being W - s B0 A0.
  PeftFolder folder = Adapted({{"rank", 2}}).to_peft();
  for (const MethodTensor& tensor : trained.method().tensors) {
    if (!tensor.trained) continue;
    const std::string layer = tensor.name.substr(0, 3);
    folder.tensors.at("base_model.model.transformer." + layer + ".attn.c_attn.lora_" +
                      tensor.name.substr(13) + ".weight") = tensor.tensor.detach().clone();
  }
  folder.config.set("init_lora_weights", "pissa");
  Adapted read(options);
  read.from_peft(folder);
  CHECK(read.loss() == trained.loss());

  CHECK_THAT(refusal({{"rank", 2}}, folder), Catch::Matchers::Contains("or set 'init' to pissa"));
  folder.config.set("init_lora_weights", "pissa_niter_4");
  CHECK_THAT(refusal({{"rank", 2}, {"init", "pissa_niter_4"}}, folder),
             Catch::Matchers::Contains("path_initial_model_for_weight_conversion"));
  folder.config.set("init_lora_weights", "olora");
  CHECK_THAT(refusal({{"rank", 2}, {"init", "olora"}}, folder),
             Catch::Matchers::Contains("'init_lora_weights' is 'olora'"));
  folder.config.set("init_lora_weights", true);
  CHECK_THAT(refusal(options, folder), Catch::Matchers::Contains("set 'init' to kaiming"));
}

TEST_CASE("the base's own weight beside the update of a head is passed over, another is refused") {
  const Value::Map options = {{"rank", 2}, {"targets", texts({"head"})}};
  Adapted trained(options);
  draw(trained.set);
  PeftFolder folder = trained.to_peft();
  const std::string name = "base_model.model.lm_head.base_layer.weight";
  folder.tensors[name] = trained.model->sites().parameter("lm_head.weight").tensor;
  Adapted read(options);
  read.from_peft(folder);
  CHECK(read.loss() == trained.loss());
  folder.tensors[name] = folder.tensors[name] + 1.0;
  CHECK_THAT(refusal(options, folder),
             Catch::Matchers::Contains("'" + name + "' is not the base's own weight"));
}

TEST_CASE("an adapter of another variant is refused, naming its setting") {
  const auto exported = [](const Value::Map& options) { return Adapted(options).to_peft(); };
  const auto says = [](const std::string& said, const std::string& message) {
    CHECK_THAT(said, Catch::Matchers::Contains(message));
  };
  says(refusal({{"rank", 2}}, exported({{"rank", 2}, {"use_dora", true}})), "'use_dora' is true");
  says(refusal({{"rank", 2}, {"use_dora", true}}, exported({{"rank", 2}})), "'use_dora' is false");
  says(refusal({{"rank", 2}}, exported({{"rank", 2}, {"bias", "all"}})), "'bias' is 'all'");
  says(refusal({{"rank", 2}}, exported({{"rank", 2}, {"alpha_pattern", Value::Map{{"h.1.**", 2}}}})),
       "alpha_pattern");
  says(refusal({{"rank", 2}}, exported({{"rank", 2}, {"targets", texts({"attn.qkv", "embed.tokens"})}})),
       "unexpected: 'base_model.model.transformer.wte.lora_embedding_A'");
  PeftFolder damaged = exported({{"rank", 2}, {"use_dora", true}});
  damaged.tensors.erase("base_model.model.transformer.h.1.attn.c_attn.lora_magnitude_vector");
  says(refusal({{"rank", 2}, {"use_dora", true}}, damaged),
       "missing: 'base_model.model.transformer.h.1.attn.c_attn.lora_magnitude_vector'");
}
