// Layer norm and GELU that keep their input alone.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "kernel_choice.h"
#include "peft/ops.h"
#include "row_room.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t rows_a_thread = 8;
constexpr int64_t elements_a_thread = 1 << 14;

struct Normed {
  at::Tensor y;
  at::Tensor mean;  // [rows] float32
  at::Tensor rstd;
};

Normed simd_norm(const simd::Kernels& kernels, const at::Tensor& x, const at::Tensor& weight,
                 const at::Tensor& bias, double epsilon, at::ScalarType type) {
  const int64_t rows = x.size(0);
  Normed normed{.y = empty_rows(rows, x.size(1), x.options().dtype(type)),
                .mean = at::empty({rows}, x.options()),
                .rstd = at::empty({rows}, x.options())};
  with_data(normed.y, [&](auto* y) {
    using T = std::remove_pointer_t<decltype(y)>;
    const simd::LayerNorm<T> call{.x = x.const_data_ptr<float>(),
                                  .weight = weight.const_data_ptr<float>(),
                                  .bias = bias.const_data_ptr<float>(),
                                  .y = y,
                                  .mean = normed.mean.data_ptr<float>(),
                                  .rstd = normed.rstd.data_ptr<float>(),
                                  .width = x.size(1),
                                  .epsilon = static_cast<float>(epsilon)};
    at::parallel_for(0, rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.rows_of<T>().layer_norm(call, begin, end); });
  });
  return normed;
}

at::Tensor simd_norm_gradient(const simd::Kernels& kernels, const at::Tensor& gradient, const at::Tensor& x,
                              const at::Tensor& weight, const at::Tensor& mean, const at::Tensor& rstd) {
  at::Tensor x_gradient = at::empty_like(x);
  with_data(gradient, [&](auto* of_y) {
    using T = std::remove_pointer_t<decltype(of_y)>;
    const simd::LayerNormBackward<T> call{.gradient = of_y,
                                          .x = x.const_data_ptr<float>(),
                                          .weight = weight.const_data_ptr<float>(),
                                          .mean = mean.const_data_ptr<float>(),
                                          .rstd = rstd.const_data_ptr<float>(),
                                          .x_gradient = x_gradient.data_ptr<float>(),
                                          .width = x.size(1)};
    at::parallel_for(0, x.size(0), rows_a_thread, [&](int64_t begin, int64_t end) {
      kernels.rows_of<T>().layer_norm_backward(call, begin, end);
    });
  });
  return x_gradient;
}

class FusedLayerNorm : public torch::autograd::Function<FusedLayerNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, double epsilon, at::ScalarType type) {
    Normed normed;
    if (const simd::Kernels* kernels = simd_for(x); kernels != nullptr && x.scalar_type() == at::kFloat) {
      normed = simd_norm(*kernels, x, weight, bias, epsilon, type);
    } else {
      std::tie(normed.y, normed.mean, normed.rstd) =
          at::native_layer_norm(x, {x.size(1)}, weight, bias, epsilon);
      normed.y = normed.y.to(type);
    }
    context->save_for_backward({x, weight, bias, normed.mean, normed.rstd});
    return normed.y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& x = saved[0];
    const at::Tensor& weight = saved[1];
    const std::array<bool, 3> wanted = {context->needs_input_grad(0), context->needs_input_grad(1),
                                        context->needs_input_grad(2)};
    const at::Tensor gradient = upstream[0].contiguous();
    const simd::Kernels* kernels = simd_for(x);
    if (kernels != nullptr && x.scalar_type() == at::kFloat && !wanted[1] && !wanted[2]) {
      return {simd_norm_gradient(*kernels, gradient, x, weight, saved[3], saved[4]), {}, {}, {}, {}};
    }
    auto [of_x, of_weight, of_bias] = at::native_layer_norm_backward(
        gradient.to(x.scalar_type()), x, {x.size(1)}, saved[3], saved[4], weight, saved[2], wanted);
    return {of_x, of_weight, of_bias, {}, {}};
  }
};

template <class Call>
void on_elements(const at::Tensor& x, const Call& call) {
  at::parallel_for(0, x.numel(), elements_a_thread, call);
}

class FusedGelu : public torch::autograd::Function<FusedGelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    context->save_for_backward({x});
    const simd::Kernels* kernels = simd_for(x);
    if (kernels == nullptr) return at::gelu(x, "tanh");
    at::Tensor y = empty_rows(x.size(0), x.size(1), x.options());
    with_data(y, [&](auto* to) {
      using T = std::remove_pointer_t<decltype(to)>;
      const T* from = static_cast<const T*>(x.const_data_ptr());
      on_elements(x,
                  [&](int64_t begin, int64_t end) { kernels->rows_of<T>().gelu_tanh(from, to, begin, end); });
    });
    return y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const at::Tensor x = context->get_saved_variables().front();
    const simd::Kernels* kernels = simd_for(x);
    if (kernels == nullptr) return {at::gelu_backward(upstream[0], x, "tanh")};
    const at::Tensor gradient = upstream[0].contiguous();
    at::Tensor x_gradient = empty_rows(x.size(0), x.size(1), x.options());
    with_data(x_gradient, [&](auto* to) {
      using T = std::remove_pointer_t<decltype(to)>;
      const T* of_y = static_cast<const T*>(gradient.const_data_ptr());
      const T* from = static_cast<const T*>(x.const_data_ptr());
      on_elements(x, [&](int64_t begin, int64_t end) {
        kernels->rows_of<T>().gelu_tanh_backward(from, of_y, to, begin, end);
      });
    });
    return {x_gradient};
  }
};

}  // namespace

at::Tensor layer_norm(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias, double epsilon,
                      at::ScalarType type) {
  const at::Tensor w = weight.to(x.scalar_type());
  const at::Tensor b = bias.to(x.scalar_type());
  if (kernel_choice().plain) return at::layer_norm(x, {x.size(1)}, w, b, epsilon).to(type);
  return FusedLayerNorm::apply(x.contiguous(), w.contiguous(), b.contiguous(), epsilon, type);
}

at::Tensor gelu_tanh(const at::Tensor& x) {
  if (kernel_choice().plain) return at::gelu(x, "tanh");
  return FusedGelu::apply(x.contiguous());
}

}  // namespace peft
