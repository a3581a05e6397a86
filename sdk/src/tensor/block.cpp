// Recomputation of activations (Chen et al. 2016, arXiv:1604.06174), a block at a time.
//
// A block runs cut off from the graph around it: its input, and what it takes from Forward::once, are leaves.
// The graph of that run tells which trained tensors the block uses; then it is dropped. A node takes its
// place whose inputs are the block's input, the shared tensors and those trained tensors; its backward pass
// runs the block again and differentiates it. So a shared tensor is back-propagated through once, whatever
// the number of blocks, and the lowest block needs no input that requires a gradient.
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/functions/accumulate_grad.h>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "forward_state.h"
#include "key_value_cache.h"
#include "peft/forward.h"

namespace peft {
namespace {

using torch::autograd::AccumulateGrad;
using torch::autograd::AutogradContext;
using torch::autograd::Node;
using torch::autograd::variable_list;

at::Tensor leaf_of(const at::Tensor& tensor) {
  if (!tensor.defined()) return tensor;
  return tensor.detach().set_requires_grad(tensor.requires_grad());
}

// A run of a block that was cut off from the graph around it.
struct Apart {
  variable_list inputs;                         // leaves, or undefined
  std::map<const void*, variable_list> shared;  // leaves, by their keys in Forward::once
  at::Tensor y;
};
using RunApart = std::function<Apart(const variable_list& inputs)>;

// The leaves of the graph under `y` but for `known`, in an order that depends on the graph alone.
variable_list leaves_under(const at::Tensor& y, const variable_list& known) {
  std::set<const void*> seen;
  for (const at::Tensor& tensor : known) {
    if (tensor.defined()) seen.insert(tensor.unsafeGetTensorImpl());
  }
  variable_list leaves;
  std::vector<Node*> waiting = {y.grad_fn().get()};
  while (!waiting.empty()) {
    Node* node = waiting.back();
    waiting.pop_back();
    if (node == nullptr || !seen.insert(node).second) continue;
    if (auto* leaf = dynamic_cast<AccumulateGrad*>(node)) {
      if (seen.insert(leaf->variable.unsafeGetTensorImpl()).second) leaves.push_back(leaf->variable);
    }
    for (const auto& edge : node->next_edges()) waiting.push_back(edge.function.get());
  }
  return leaves;
}

// What a block's node keeps beside its inputs.
struct Kept : torch::CustomClassHolder {
  RunApart run;
  std::vector<const void*> keys;  // of what is shared
  variable_list trained;
  size_t inputs = 1;  // of the block
};

bool needs_gradient(const at::Tensor& tensor) {
  return tensor.defined() && tensor.requires_grad();
}

class RecomputedBlock : public torch::autograd::Function<RecomputedBlock> {
 public:
  // `inputs`: the block's inputs, what is shared in the order of `kept.keys`, what is trained.
  static at::Tensor forward(AutogradContext* context, const c10::intrusive_ptr<Kept>& kept,
                            const std::reference_wrapper<const at::Tensor>& y, at::TensorList inputs) {
    context->save_for_backward({inputs.begin(), inputs.begin() + static_cast<std::ptrdiff_t>(kept->inputs)});
    context->saved_data["kept"] = c10::IValue::make_capsule(kept);
    return y.get();
  }

  static variable_list backward(AutogradContext* context, variable_list upstream) {
    const auto capsule = context->saved_data["kept"].toCapsule();
    const auto& kept = static_cast<const Kept&>(*capsule);
    const at::AutoGradMode with_gradient(true);
    const Apart again = kept.run(context->get_saved_variables());
    variable_list inputs = again.inputs;
    for (const void* key : kept.keys) {
      const variable_list& shared = again.shared.at(key);
      inputs.insert(inputs.end(), shared.begin(), shared.end());
    }
    inputs.insert(inputs.end(), kept.trained.begin(), kept.trained.end());
    variable_list wanted;
    for (const at::Tensor& input : inputs) {
      if (needs_gradient(input)) wanted.push_back(input);
    }
    const variable_list found = torch::autograd::grad({again.y}, wanted, {upstream.front()},
                                                      /*retain_graph=*/false, /*create_graph=*/false,
                                                      /*allow_unused=*/true);
    variable_list gradients(2);  // of `kept` and `y`, which are no tensors to autograd
    auto next = found.begin();
    for (const at::Tensor& input : inputs) {
      gradients.push_back(needs_gradient(input) ? *next++ : at::Tensor());
    }
    return gradients;
  }
};

}  // namespace

Forward::Forward(std::shared_ptr<State> state) : state_(std::move(state)) {}

const std::vector<at::Tensor>& Forward::once(const void* key,
                                             const std::function<std::vector<at::Tensor>()>& compute) const {
  if (state_->options.cache != nullptr && !at::GradMode::is_enabled()) {
    auto& kept = state_->options.cache->state().shared;
    const auto found = kept.find(key);
    return found != kept.end() ? found->second : kept[key] = compute();
  }
  const auto found = state_->shared.find(key);
  if (found != state_->shared.end()) return found->second;
  if (state_->outside == nullptr) return state_->shared[key] = compute();
  variable_list leaves;
  for (const at::Tensor& tensor : Forward(state_->outside).once(key, compute))
    leaves.push_back(leaf_of(tensor));
  return state_->shared[key] = std::move(leaves);
}

at::Tensor Forward::block(const at::Tensor& x, const Block& run) {
  return block(x, {}, [run](Forward& forward, const at::Tensor& input, const std::vector<at::Tensor>&) {
    return run(forward, input);
  });
}

at::Tensor Forward::block(const at::Tensor& x, const std::vector<at::Tensor>& more,
                          const BlockWithMore& run) {
  const bool recomputes =
      state_->options.recompute && at::GradMode::is_enabled() && state_->options.cache == nullptr;
  if (!recomputes) return run(*this, x, more);

  const auto run_apart = [state = state_, run](const variable_list& inputs, auto* record) {
    const auto inside = std::make_shared<State>(*state);
    inside->shared.clear();
    inside->outside = state;
    inside->options.record = record;
    Forward forward(inside);
    Apart apart;
    for (const at::Tensor& input : inputs) apart.inputs.push_back(leaf_of(input));
    apart.y = run(forward, apart.inputs.front(), {apart.inputs.begin() + 1, apart.inputs.end()});
    apart.shared = std::move(inside->shared);
    return apart;
  };
  variable_list inputs = {x};
  inputs.insert(inputs.end(), more.begin(), more.end());
  const Apart first = run_apart(inputs, state_->options.record);
  if (!first.y.requires_grad()) return first.y;

  const auto kept = c10::make_intrusive<Kept>();
  kept->inputs = inputs.size();
  kept->run = [run_apart](const variable_list& again) {
    return run_apart(again, static_cast<std::vector<KeysValues>*>(nullptr));
  };
  variable_list leaves = first.inputs;
  for (const auto& [key, cut_off] : first.shared) {
    kept->keys.push_back(key);
    const variable_list& shared = state_->shared.at(key);
    inputs.insert(inputs.end(), shared.begin(), shared.end());
    leaves.insert(leaves.end(), cut_off.begin(), cut_off.end());
  }
  kept->trained = leaves_under(first.y, leaves);
  inputs.insert(inputs.end(), kept->trained.begin(), kept->trained.end());
  const at::Tensor y = first.y.detach();
  return RecomputedBlock::apply(kept, std::cref(y), at::TensorList(inputs));
}

}  // namespace peft
