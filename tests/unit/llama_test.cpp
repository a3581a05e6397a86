// The Llama kind on every path: plain and hot kernels, float64 finite differences, decoding, recomputation.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "forward_fixture.h"
#include "gradient_check.h"
#include "kernel_outcomes.h"
#include "support/tiny_llama.h"

namespace {

using namespace peft;
using namespace peft::test;

const Value::List& every_linear() {
  static const Value::List roles =
      texts({"attn.qkv", "attn.out", "mlp.gate", "mlp.in", "mlp.out", "head", "embed.tokens"});
  return roles;
}

const std::vector<Attachments>& kinds() {
  static const std::vector<Attachments> all = {
      {"lora everywhere, with dropout",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "lora", {{"rank", 2}, {"dropout", 0.2}, {"targets", every_linear()}});
       },
       32},
      {"a prefix",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prefix", {{"tokens", 3}, {"projection", true}, {"projection_hidden", 5}});
       },
       5},
      {"a prompt",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "prompt", {{"tokens", 4}});
       },
       1},
      {"full", [](Model& model, AdapterSet& set) { attach(model, set, "full"); }, 34, false},
      {"norms, lora, a prefix and a prompt",
       [](Model& model, AdapterSet& set) {
         attach(model, set, "full", {{"targets", texts({"**norm.weight"})}});
         attach(model, set, "lora", {{"rank", 2}, {"targets", texts({"attn.k", "mlp.gate"})}});
         attach(model, set, "prefix", {{"tokens", 2}});
         attach(model, set, "prompt", {{"tokens", 3}});
       },
       15},
  };
  return all;
}

// Heads that fill vectors and that do not; the biases of Llama's, and Qwen2's on three of four.
std::vector<TinyLlama> shapes(at::ScalarType type) {
  return {{.dtype = type, .positions = 60, .biases = true},
          {.dtype = type,
           .model_type = "qwen2",
           .vocabulary = 301,
           .positions = 240,
           .width = 64,
           .inner = 100,
           .heads = 4,
           .key_value_heads = 1,
           .head_size = 32}};
}

std::vector<int64_t> lengths(const TinyLlama& shape) {
  return shape.positions < 100 ? std::vector<int64_t>{5, 1, 9, 2} : std::vector<int64_t>{70, 3, 150, 33};
}

std::unique_ptr<Model> make_exact(TinyLlama description) {
  const at::ScalarType type = description.dtype;
  description.dtype = at::kDouble;
  std::unique_ptr<Model> model = make(description);
  for (ParameterSite& site : model->sites().parameters) site.tensor.copy_(site.tensor.to(type));
  return model;
}

void compare_all_choices(TinyLlama shape, const Attachments& kind, double tolerance) {
  INFO(kind.what << ", " << shape.width << " wide");
  shape.tied = kind.tied;
  const auto outcome = [&](const std::unique_ptr<Model>& model, const std::string& choice) {
    AdapterSet set("default");
    kind.add(*model, set);
    randomize(set, 0.1);
    const Outcome found = outcome_of(*model, set, examples_of(*model, lengths(shape)), choice);
    model->sites().detach(set);
    return found;
  };
  const auto model = make(shape);
  const Outcome truth = outcome(make_exact(shape), "plain");
  const Outcome plain = outcome(model, "plain");
  for (const std::string& choice : choices()) {
    INFO("kernels: '" << choice << "'");
    compare(outcome(model, choice), plain, truth, tolerance);
  }
}

struct AttachedLlama {
  AttachedLlama(const Attachments& kind, TinyLlama shape) {
    shape.tied = kind.tied;
    model = make(shape);
    kind.add(*model, set);
    randomize(set, 0.1);
  }

  AdapterSet set{"default"};  // outlives the model it is on
  std::unique_ptr<Model> model;
};

}  // namespace

TEST_CASE("gradients of what stands on a Llama are those of finite differences") {
  for (const Attachments& kind : kinds()) {
    DYNAMIC_SECTION(kind.what) {
      AttachedLlama attached(kind, {});
      const auto examples = some_examples(*attached.model);
      const ForwardOptions options = with({&attached.set}, /*training=*/true);
      const auto loss = [&] { return loss_of(*attached.model, examples, options); };
      CHECK(check_gradients(attached.set, loss) == kind.tensors - (kind.tied ? 0 : 13));
    }
  }
}

TEST_CASE("a Llama's losses and gradients are those of plain autograd, whatever the kernels") {
  for (const TinyLlama& shape : shapes(at::kFloat)) {
    for (const Attachments& kind : kinds()) compare_all_choices(shape, kind, 1e-5);
  }
}

TEST_CASE("on a Llama in bfloat16 the kernels differ from float64 by bfloat16's rounding alone") {
  for (const TinyLlama& shape : shapes(at::kBFloat16)) {
    for (const Attachments& kind : kinds()) {
      if (kind.tied) compare_all_choices(shape, kind, 0.03);
    }
  }
}

TEST_CASE("a Llama's recomputed blocks give the gradients of kept activations") {
  for (const Attachments& kind : kinds()) {
    INFO(kind.what);
    AttachedLlama attached(kind, {.dtype = at::kFloat});
    const auto gradients = [&](bool recompute) {
      ForwardOptions options = with({&attached.set}, /*training=*/true);
      options.recompute = recompute;
      loss_of(*attached.model, some_examples(*attached.model), options).backward();
      std::vector<at::Tensor> found;
      for (MethodInstance& method : attached.set.methods()) {
        for (MethodTensor& tensor : method.tensors) {
          found.push_back(tensor.tensor.grad());
          tensor.tensor.mutable_grad() = at::Tensor();
        }
      }
      return found;
    };
    const auto kept = gradients(false);
    const auto recomputed = gradients(true);
    for (size_t i = 0; i < kept.size(); ++i) CHECK(relative_distance(recomputed[i], kept[i]) < 1e-6);
  }
}

TEST_CASE("decoding a Llama token by token gives what the whole sequence gives, prefixes and prompts too") {
  const at::NoGradGuard no_grad;
  for (const Attachments& kind : kinds()) {
    if (!kind.tied) continue;
    for (const TinyLlama& shape : shapes(at::kFloat)) {
      for (const std::string& choice : choices()) {
        INFO(kind.what << ", " << shape.width << " wide, kernels: '" << choice << "'");
        const Kernels chosen(choice);
        AttachedLlama attached(kind, shape);
        const EncodedExample whole = random_example(*attached.model, 14, 0);
        const Batch all = pack_all({whole});
        Forward once(*attached.model, all, with({&attached.set}));
        const at::Tensor expected = attached.model->hidden(once).index_select(0, once.real_rows());
        KeyValueCache cache(*attached.model, 1);
        ForwardOptions options = with({&attached.set});
        options.cache = &cache;
        const auto& ids = whole.inputs.front().ids;
        for (size_t done = 0; done < ids.size();) {
          const size_t next = done == 0 ? 6 : done + 1;
          EncodedExample part;
          part.inputs.push_back({.ids = {ids.begin() + static_cast<std::ptrdiff_t>(done),
                                         ids.begin() + static_cast<std::ptrdiff_t>(next)},
                                 .labels = {}});
          const Batch batch = pack_all({part});
          Forward forward(*attached.model, batch, options);
          const at::Tensor last = attached.model->hidden(forward)[-1];
          CHECK(relative_distance(last, expected[static_cast<int64_t>(next) - 1]) < 1e-5);
          done = next;
        }
      }
    }
  }
}

TEST_CASE("after rotation the product of a query and a key depends on their distance alone") {
  at::Tensor q = at::empty({1, 2, 8}, at::kDouble);
  at::Tensor k = at::empty({1, 2, 8}, at::kDouble);
  fill_normal(q, 0.0, 1.0, RandomStream(3));
  fill_normal(k, 0.0, 1.0, RandomStream(4));
  const std::vector<float> frequencies = llama::rope_frequencies({}, 8);
  const auto turned = [&](const at::Tensor& x, int64_t place) {
    const llama::Angles angles =
        llama::rope_angles(frequencies, at::full({1}, place, at::kLong), at::kDouble);
    return rotary(x, angles.cosines, angles.sines);
  };
  const auto score = [&](int64_t of_q, int64_t of_k) {
    return (turned(q, of_q) * turned(k, of_k)).sum().item().toDouble();
  };
  CHECK(score(7, 3) == Approx(score(104, 100)).epsilon(1e-5));
  CHECK(std::abs(score(7, 3) - score(7, 4)) > 1e-2);
}
