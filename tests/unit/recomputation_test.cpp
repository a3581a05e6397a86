// Activations computed again in the backward pass: the same gradients as with activations kept.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <torch/csrc/autograd/function.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <string>

#include "forward_fixture.h"
#include "peft/forward.h"
#include "peft/ops.h"

namespace {

using namespace peft;
using test::attach;
using test::Attachments;
using test::texts;

std::vector<Attachments> what_is_trained() {
  std::vector<Attachments> kinds = test::every_kind();
  kinds.push_back({"lora in the last block alone",
                   [](Model& model, AdapterSet& set) {
                     attach(model, set, "lora", {{"rank", 2}, {"targets", texts({"h.2.attn.qkv"})}});
                   },
                   2});
  return kinds;
}

// The loss; forward, options and batch are gone when it comes back, as they are after Task::loss.
at::Tensor loss_of(Model& model, const AdapterSet& set, bool recompute) {
  const Batch batch = test::pack_all({test::random_example(model, 7, 0), test::random_example(model, 1, 1),
                                      test::random_example(model, 9, 2)});
  ForwardOptions options = test::with({&set}, /*training=*/true);
  options.recompute = recompute;
  Forward forward(model, batch, options);
  const at::Tensor hidden = model.hidden(forward);
  return target_loss(forward, *model.language_head(), hidden, target_rows(forward));
}

struct Gradients {
  double loss = 0.0;
  std::map<std::string, at::Tensor> tensors;
};

Gradients gradients_of(Model& model, AdapterSet& set, bool recompute) {
  const at::Tensor loss = loss_of(model, set, recompute);
  loss.backward();
  Gradients found{.loss = loss.item().toDouble(), .tensors = {}};
  for (MethodInstance& method : set.methods()) {
    for (MethodTensor& tensor : method.tensors) {
      found.tensors[method.name + "/" + tensor.name] = tensor.tensor.grad();
      tensor.tensor.mutable_grad() = at::Tensor();
    }
  }
  return found;
}

double norm(const at::Tensor& tensor) {
  return at::linalg_vector_norm(tensor.to(at::kDouble)).item().toDouble();
}

// Nodes of the graph under a tensor.
size_t graph_size(const at::Tensor& tensor) {
  std::map<const torch::autograd::Node*, bool> seen;
  std::vector<const torch::autograd::Node*> waiting = {tensor.grad_fn().get()};
  while (!waiting.empty()) {
    const torch::autograd::Node* node = waiting.back();
    waiting.pop_back();
    if (node == nullptr || !seen.emplace(node, true).second) continue;
    for (const auto& edge : node->next_edges()) waiting.push_back(edge.function.get());
  }
  return seen.size();
}

}  // namespace

TEST_CASE("recomputed activations give the gradients of kept ones, for every method") {
  for (const at::ScalarType dtype : {at::kFloat, at::kDouble}) {
    for (const Attachments& kind : what_is_trained()) {
      DYNAMIC_SECTION(kind.what << ", " << c10::toString(dtype)) {
        test::AttachedModel attached(kind, {.dtype = dtype, .layers = 3});
        const Gradients kept = gradients_of(*attached.model, attached.set, false);
        const Gradients recomputed = gradients_of(*attached.model, attached.set, true);
        CHECK(recomputed.loss == kept.loss);
        REQUIRE(recomputed.tensors.size() == kept.tensors.size());
        for (const auto& [name, expected] : kept.tensors) {
          INFO(name);
          const at::Tensor& found = recomputed.tensors.at(name);
          REQUIRE(found.defined() == expected.defined());
          if (!expected.defined()) continue;
          CHECK(norm(found - expected) <= (dtype == at::kFloat ? 1e-6 : 1e-14) * norm(expected));
        }
      }
    }
  }
}

TEST_CASE("a recomputed block is one node of the graph, and a block without anything trained is none") {
  const auto model = test::make({.layers = 3});
  AdapterSet all("all");
  attach(*model, all, "lora", {{"rank", 2}, {"targets", texts({"attn.qkv"})}});
  CHECK(graph_size(loss_of(*model, all, false)) > 100);
  // 3 blocks, 6 tensors, the final norm and the loss.
  CHECK(graph_size(loss_of(*model, all, true)) < 20);
  AdapterSet last("last");
  attach(*model, last, "lora", {{"rank", 2}, {"targets", texts({"h.2.attn.qkv"})}});
  CHECK(graph_size(loss_of(*model, last, true)) == graph_size(loss_of(*model, all, true)) - 6);
}

TEST_CASE("recomputation without a gradient runs each block once") {
  const auto model = test::make();
  AdapterSet set("default");
  attach(*model, set, "prefix", {{"tokens", 3}});
  const at::NoGradGuard no_grad;
  CHECK(loss_of(*model, set, true).item().toDouble() == loss_of(*model, set, false).item().toDouble());
}
