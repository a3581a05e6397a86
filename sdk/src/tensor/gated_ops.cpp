// Activations by name, and gates.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/silu_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "peft/error.h"
#include "peft/ops.h"
#include "row_kernels.h"
#include "row_room.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

at::Tensor swiglu_values(const at::Tensor& gate, const at::Tensor& x) {
  const simd::Kernels* kernels = simd_for(gate);
  if (kernels == nullptr) return at::silu(gate) * x;
  at::Tensor y = empty_rows(x.size(0), x.size(1), x.options());
  with_data(y, [&](auto* to) {
    using T = std::remove_pointer_t<decltype(to)>;
    const auto* gates = static_cast<const T*>(gate.const_data_ptr());
    const auto* from = static_cast<const T*>(x.const_data_ptr());
    at::parallel_for(0, x.numel(), elements_a_thread, [&](int64_t begin, int64_t end) {
      kernels->decoder_rows_of<T>().swiglu(gates, from, to, begin, end);
    });
  });
  return y;
}

class FusedSwiglu : public torch::autograd::Function<FusedSwiglu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& gate, const at::Tensor& x) {
    context->save_for_backward({gate, x});
    return swiglu_values(gate, x);
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &gate = saved[0], &x = saved[1];
    const at::Tensor gradient = upstream[0].contiguous();
    const simd::Kernels* kernels = simd_for(gate);
    if (kernels == nullptr) return {at::silu_backward(gradient * x, gate), gradient * at::silu(gate)};
    variable_list gradients = {empty_rows(x.size(0), x.size(1), x.options()),
                               empty_rows(x.size(0), x.size(1), x.options())};
    with_data(gradient, [&](auto* of_y) {
      using T = std::remove_pointer_t<decltype(of_y)>;
      const simd::SwigluBackward<T> call{.gradient = of_y,
                                         .gate = static_cast<const T*>(gate.const_data_ptr()),
                                         .x = static_cast<const T*>(x.const_data_ptr()),
                                         .gate_gradient = static_cast<T*>(gradients[0].data_ptr()),
                                         .x_gradient = static_cast<T*>(gradients[1].data_ptr())};
      at::parallel_for(0, x.numel(), elements_a_thread, [&](int64_t begin, int64_t end) {
        kernels->decoder_rows_of<T>().swiglu_backward(call, begin, end);
      });
    });
    return gradients;
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
  if (kernel_choice().plain) return at::silu(gate) * x;
  // An attachment may have left one of the two in float32.
  const at::ScalarType type = c10::promoteTypes(gate.scalar_type(), x.scalar_type());
  const at::Tensor g = gate.to(type).contiguous();
  const at::Tensor y = x.to(type).contiguous();
  return at::GradMode::is_enabled() ? FusedSwiglu::apply(g, y) : swiglu_values(g, y);
}

}  // namespace peft
