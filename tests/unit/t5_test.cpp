// T5 on its own: gradients of every kind of site, and the hot paths against the plain ones. What it computes
// is compared with transformers in tests/parity.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>

#include <catch2/catch.hpp>
#include <memory>

#include "gradient_check.h"
#include "kernel_choices.h"
#include "models/t5/t5_model.h"
#include "peft/ops.h"
#include "support/tiny_gpt2.h"

using namespace peft;
using namespace peft::test;

namespace {

t5::Config small(const std::string& feed_forward) {
  t5::Config config;
  config.vocab_size = 40;
  config.d_model = 12;
  config.d_kv = 5;
  config.d_ff = 20;
  config.num_layers = 2;
  config.num_heads = 3;
  config.relative_attention_num_buckets = 8;
  config.relative_attention_max_distance = 9;
  config.feed_forward_proj = feed_forward;
  config.tie_word_embeddings = !config.gated();
  return config;
}

std::unique_ptr<Model> make_t5(const t5::Config& config, at::ScalarType type) {
  BaseTensors tensors;
  for (const ParameterSpec& spec : t5::parameters(config)) {
    at::Tensor tensor = at::empty(spec.shape, type);
    fill_normal(tensor, spec.role == ParameterRole::norm ? 1.0 : 0.0, 0.15, RandomStream(4).child(spec.name));
    tensors[spec.name] = tensor;
  }
  return std::make_unique<t5::T5>(config, tensors);
}

EncodedExample example(int64_t source, int64_t target, int64_t index) {
  const auto draw = [&](int64_t count, const char* side) {
    std::vector<int64_t> ids;
    for (int64_t i = 0; i < count; ++i) {
      ids.push_back(static_cast<int64_t>(RandomStream(8).child(side).child(index).below(i, 40)));
    }
    return ids;
  };
  EncodedExample made;
  made.index = index;
  made.inputs.push_back({.ids = draw(source, "source"), .labels = {}});
  const std::vector<int64_t> ids = draw(target, "target");
  made.decoder_inputs.push_back({.ids = ids, .labels = ids});
  return made;
}

// Long ones go over the blocks of the attention kernels.
enum class Lengths { few, many };

Batch ragged(Lengths lengths) {
  std::vector<EncodedExample> examples = {example(5, 4, 0), example(1, 2, 1)};
  if (lengths == Lengths::many) {
    examples.push_back(example(70, 3, 2));
    examples.push_back(example(3, 66, 3));
  }
  std::vector<const EncodedExample*> pointers;
  for (const EncodedExample& one : examples) pointers.push_back(&one);
  return pack(pointers, at::kCPU);
}

struct OnT5 {
  OnT5(const std::string& feed_forward, at::ScalarType type) : model(make_t5(small(feed_forward), type)) {
    attach(*model, set, "prefix", {{"tokens", 3}}, "in_front");
    attach(*model, set, "prompt", {{"tokens", 2}}, "soft");
    const char* roles[] = {"attn.q",  "attn.k",  "attn.out", "cross.q",
                           "cross.k", "cross.v", "mlp.in",   "mlp.out"};
    attach(*model, set, "lora",
           {{"rank", 2}, {"dropout", 0.2}, {"targets", Value::List(std::begin(roles), std::end(roles))}},
           "low");
    attach(*model, set, "full", {{"targets", Value::List{"**.relative_attention_bias.weight"}}}, "distances");
    randomize(set, 0.1);
    const at::NoGradGuard no_grad;
    set.methods()[1].tensors.front().tensor.mul_(
        10);  // norms of short vectors are too crooked for differences
  }

  at::Tensor loss(Lengths lengths, bool recompute = false) {
    const Batch batch = ragged(lengths);
    ForwardOptions options;
    options.sets = {&set};
    options.training = true;
    options.random = RandomStream(99);
    options.recompute = recompute;
    Forward forward(*model, batch, options);
    const at::Tensor hidden = model->hidden(forward);
    return target_loss(forward, *model->language_head(), hidden, target_rows(forward));
  }

  AdapterSet set{"default"};
  std::unique_ptr<Model> model;
};

}  // namespace

TEST_CASE("gradients of all that is put on T5 are those of finite differences") {
  for (const char* feed_forward : {"gelu", "gated-gelu", "gated-silu"}) {  // smooth ones
    OnT5 t5(feed_forward, at::kDouble);
    INFO(feed_forward);
    // 3 prefixes, a prompt, A and B of 2·(3 + 2) + 2·6 sites and of what is gated none, 2 tables.
    CHECK(check_gradients(t5.set, [&] { return t5.loss(Lengths::few); }) == 3 + 1 + 2 * (2 * 5 + 2 * 8) + 2);
  }
}

TEST_CASE("T5's blocks computed again in the backward pass give the same gradients") {
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    OnT5 kept("gated-gelu", type);
    OnT5 again("gated-gelu", type);
    kept.loss(Lengths::many).backward();
    again.loss(Lengths::many, true).backward();
    const auto tensors = [](OnT5& t5) {
      std::vector<MethodTensor*> all;
      for (MethodInstance& method : t5.set.methods()) {
        for (MethodTensor& tensor : method.tensors) all.push_back(&tensor);
      }
      return all;
    };
    const auto expected = tensors(kept);
    const auto found = tensors(again);
    for (size_t i = 0; i < expected.size(); ++i) {
      INFO(expected[i]->name);
      REQUIRE(found[i]->tensor.grad().defined());
      // The encoder's output gets its gradient from every block of the decoder: in another order of sums.
      CHECK(relative_distance(found[i]->tensor.grad(), expected[i]->tensor.grad()) <
            (type == at::kFloat ? 1e-5 : 1e-13));
    }
  }
}

TEST_CASE("T5's hot paths compute what the plain ones do, the bias by distance and its gradient too") {
  OnT5 plain("relu", at::kFloat);
  OnT5 hot("relu", at::kFloat);
  at::Tensor expected;
  {
    const Kernels plain_ones("plain");
    expected = plain.loss(Lengths::many);
    expected.backward();
  }
  const at::Tensor loss = hot.loss(Lengths::many);
  loss.backward();
  CHECK(loss.item().toDouble() == Approx(expected.item().toDouble()).epsilon(1e-5));
  for (size_t m = 0; m < plain.set.methods().size(); ++m) {
    for (size_t t = 0; t < plain.set.methods()[m].tensors.size(); ++t) {
      const at::Tensor a = hot.set.methods()[m].tensors[t].tensor.grad();
      const at::Tensor b = plain.set.methods()[m].tensors[t].tensor.grad();
      INFO(plain.set.methods()[m].tensors[t].name);
      CHECK(relative_distance(a, b) < 1e-4);
    }
  }
}

TEST_CASE("far distances share buckets, near ones do not, and an encoder tells the sides apart") {
  const auto bucket = [](bool both_ways, int64_t distance) {
    return t5::buckets_of({.count = 32, .max_distance = 128, .both_ways = both_ways}, distance, distance,
                          at::kCPU)
        .item()
        .toLong();
  };
  CHECK(bucket(true, 0) == 0);
  CHECK(bucket(true, -7) == 7);
  CHECK(bucket(true, 7) == 23);
  CHECK(bucket(true, -8) == 8);
  CHECK(bucket(true, -128) == 15);
  CHECK(bucket(true, 5000) == 31);
  CHECK(bucket(false, 3) == 0);  // what a decoder does not see
  CHECK(bucket(false, -15) == 15);
  CHECK(bucket(false, -16) == 16);
  CHECK(bucket(false, -1000) == 31);
}
