// Activations by name, and gates.
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernel_choice.h"
#include "peft/error.h"
#include "peft/ops.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

class FusedSwiglu : public torch::autograd::Function<FusedSwiglu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& x) {
    context->save_for_backward({gate, x});
    return at::silu(gate) * x;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &gate = saved[0], &x = saved[1], &gradient = upstream[0];
    return {at::silu_backward(gradient * x, gate), gradient * at::silu(gate)};
  }
};

}  // namespace

at::Tensor activation(const at::Tensor& x, std::string_view name) {
  if (name == "relu") return at::relu(x);
  if (name == "silu") return at::silu(x);
  if (name == "gelu") return at::gelu(x);
  if (name == "gelu_new" || name == "gelu_pytorch_tanh") return gelu_tanh(x);
  throw Error("the activation '" + std::string(name) +
              "' is unknown; expected gelu, gelu_new, gelu_pytorch_tanh, relu or silu");
}

at::Tensor swiglu(const at::Tensor& gate, const at::Tensor& x) {
  if (kernel_choice().plain || !at::GradMode::is_enabled()) return at::silu(gate) * x;
  return FusedSwiglu::apply(gate, x);
}

}  // namespace peft
