// Layer norm and GELU that keep their input alone.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/gelu.h>
#include <ATen/ops/gelu_backward.h>
#include <ATen/ops/layer_norm.h>
#include <ATen/ops/native_layer_norm.h>
#include <ATen/ops/native_layer_norm_backward.h>
#include <torch/csrc/autograd/custom_function.h>

#include "peft/ops.h"
#include "row_kernels.h"
#include "row_room.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

struct Normed {
  at::Tensor sum;  // what was normed
  at::Tensor y;
  at::Tensor mean;  // [rows] float32
  at::Tensor rstd;
};

// `added`: in `type`, or undefined.
Normed simd_norm(const at::Tensor& x, const at::Tensor& added, const at::Tensor& weight,
                 const at::Tensor& bias, double epsilon, at::ScalarType type) {
  const int64_t rows = x.size(0);
  Normed normed{.sum = added.defined() ? at::empty_like(x) : at::Tensor(),
                .y = empty_rows(rows, x.size(1), x.options().dtype(type)),
                .mean = at::empty({rows}, x.options()),
                .rstd = at::empty({rows}, x.options())};
  with_data(normed.y, [&](auto* y) {
    using T = std::remove_pointer_t<decltype(y)>;
    const simd::LayerNorm<T> call{.x = x.const_data_ptr<float>(),
                                  .added = data_or_null<const T>(added),
                                  .sum = data_or_null<float>(normed.sum),
                                  .weight = weight.const_data_ptr<float>(),
                                  .bias = bias.const_data_ptr<float>(),
                                  .y = y,
                                  .mean = normed.mean.data_ptr<float>(),
                                  .rstd = normed.rstd.data_ptr<float>(),
                                  .width = x.size(1),
                                  .epsilon = static_cast<float>(epsilon)};
    const simd::RowKernels<T>& kernels = simd_for(x)->rows_of<T>();
    at::parallel_for(0, rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.layer_norm(call, begin, end); });
  });
  if (!added.defined()) normed.sum = x;
  return normed;
}

Normed norm_of(const at::Tensor& x, const at::Tensor& added, const at::Tensor& weight, const at::Tensor& bias,
               double epsilon, at::ScalarType type) {
  if (added.defined() && (!has_norm_kernel(x) || added.scalar_type() != type))
    return norm_of(x + added, {}, weight, bias, epsilon, type);
  if (has_norm_kernel(x)) return simd_norm(x, added, weight, bias, epsilon, type);
  auto [y, mean, rstd] = at::native_layer_norm(x, {x.size(1)}, weight, bias, epsilon);
  return {.sum = x, .y = y.to(type), .mean = std::move(mean), .rstd = std::move(rstd)};
}

struct NormGradients {
  at::Tensor x;
  at::Tensor added;  // in the type asked for
  at::Tensor weight;
  at::Tensor bias;
};

// `of_sum` may be undefined. The gradient of what was added is wanted in `added_type`.
NormGradients simd_norm_gradients(const at::Tensor& gradient, const at::Tensor& of_sum,
                                  const variable_list& saved, at::ScalarType added_type) {
  const at::Tensor& x = saved[0];
  NormGradients gradients{.x = at::empty_like(x), .added = {}, .weight = {}, .bias = {}};
  if (added_type == gradient.scalar_type() && added_type != at::kFloat)
    gradients.added = empty_rows(x.size(0), x.size(1), gradient.options());
  with_data(gradient, [&](auto* of_y) {
    using T = std::remove_pointer_t<decltype(of_y)>;
    const simd::LayerNormBackward<T> call{.gradient = of_y,
                                          .of_sum = data_or_null<const float>(of_sum),
                                          .x = x.const_data_ptr<float>(),
                                          .weight = saved[1].const_data_ptr<float>(),
                                          .mean = saved[3].const_data_ptr<float>(),
                                          .rstd = saved[4].const_data_ptr<float>(),
                                          .x_gradient = gradients.x.data_ptr<float>(),
                                          .added_gradient = data_or_null<T>(gradients.added),
                                          .width = x.size(1)};
    const simd::RowKernels<T>& kernels = simd_for(x)->rows_of<T>();
    at::parallel_for(0, x.size(0), rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.layer_norm_backward(call, begin, end); });
  });
  if (!gradients.added.defined()) gradients.added = gradients.x.to(added_type);
  return gradients;
}

// `wanted`: of x, weight, bias.
NormGradients norm_gradients(const at::Tensor& of_y, const at::Tensor& of_sum, const variable_list& saved,
                             const std::array<bool, 3>& wanted, at::ScalarType added_type) {
  const at::Tensor& x = saved[0];
  if (has_norm_kernel(x) && !wanted[1] && !wanted[2])
    return simd_norm_gradients(of_y.contiguous(), of_sum.defined() ? of_sum.contiguous() : of_sum, saved,
                               added_type);
  auto [of_x, of_weight, of_bias] = at::native_layer_norm_backward(
      of_y.to(x.scalar_type()).contiguous(), x, {x.size(1)}, saved[3], saved[4], saved[1], saved[2], wanted);
  if (of_sum.defined()) of_x = of_x.defined() ? of_x + of_sum : of_sum;
  return {
      .x = of_x, .added = of_x.defined() ? of_x.to(added_type) : of_x, .weight = of_weight, .bias = of_bias};
}

class FusedLayerNorm : public torch::autograd::Function<FusedLayerNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            const at::Tensor& bias, double epsilon, at::ScalarType type) {
    const Normed normed = norm_of(x, {}, weight, bias, epsilon, type);
    context->save_for_backward({x, weight, bias, normed.mean, normed.rstd});
    return normed.y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const std::array<bool, 3> wanted = {context->needs_input_grad(0), context->needs_input_grad(1),
                                        context->needs_input_grad(2)};
    const NormGradients of = norm_gradients(upstream[0], {}, saved, wanted, saved[0].scalar_type());
    return {of.x, of.weight, of.bias, {}, {}};
  }
};

class FusedAddLayerNorm : public torch::autograd::Function<FusedAddLayerNorm> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& added,
                               const at::Tensor& weight, const at::Tensor& bias, double epsilon,
                               at::ScalarType type) {
    const Normed normed = norm_of(x, added, weight, bias, epsilon, type);
    context->save_for_backward({normed.sum, weight, bias, normed.mean, normed.rstd});
    context->saved_data["added"] = static_cast<int64_t>(added.scalar_type());
    return {normed.sum, normed.y};
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    const std::array<bool, 3> wanted = {context->needs_input_grad(0) || context->needs_input_grad(1),
                                        context->needs_input_grad(2), context->needs_input_grad(3)};
    const auto added_type = static_cast<at::ScalarType>(context->saved_data["added"].toInt());
    const NormGradients of = norm_gradients(upstream[1], upstream[0], saved, wanted, added_type);
    return {of.x, of.added, of.weight, of.bias, {}, {}};
  }
};

template <class Call>
void on_elements(const at::Tensor& x, const Call& call) {
  at::parallel_for(0, x.numel(), elements_a_thread, call);
}

at::Tensor gelu_values(const at::Tensor& x) {
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

class FusedGelu : public torch::autograd::Function<FusedGelu> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x) {
    context->save_for_backward({x});
    return gelu_values(x);
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
  if (!at::GradMode::is_enabled())
    return norm_of(x.contiguous(), {}, w.contiguous(), b.contiguous(), epsilon, type).y;
  return FusedLayerNorm::apply(x.contiguous(), w.contiguous(), b.contiguous(), epsilon, type);
}

SumAndNorm add_layer_norm(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight,
                          const at::Tensor& bias, double epsilon, at::ScalarType type) {
  if (kernel_choice().plain) {
    const at::Tensor sum = x + y;
    return {.sum = sum, .normed = layer_norm(sum, weight, bias, epsilon, type)};
  }
  const at::Tensor w = weight.to(x.scalar_type());
  const at::Tensor b = bias.to(x.scalar_type());
  if (!at::GradMode::is_enabled()) {
    const Normed normed =
        norm_of(x.contiguous(), y.contiguous(), w.contiguous(), b.contiguous(), epsilon, type);
    return {.sum = normed.sum, .normed = normed.y};
  }
  const variable_list both =
      FusedAddLayerNorm::apply(x.contiguous(), y.contiguous(), w.contiguous(), b.contiguous(), epsilon, type);
  return {.sum = both[0], .normed = both[1]};
}

at::Tensor gelu_tanh(const at::Tensor& x) {
  if (kernel_choice().plain) return at::gelu(x, "tanh");
  return at::GradMode::is_enabled() ? FusedGelu::apply(x.contiguous()) : gelu_values(x.contiguous());
}

}  // namespace peft
