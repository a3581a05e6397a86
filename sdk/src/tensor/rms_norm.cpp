// RMS norm that keeps its input alone.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/mean.h>
#include <ATen/ops/rsqrt.h>
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
  at::Tensor rstd;  // [rows, 1]: 1 / √(mean(x²) + epsilon)
};

// `added`: in `type`, or undefined.
Normed simd_norm(const at::Tensor& x, const at::Tensor& added, const at::Tensor& weight, double epsilon,
                 at::ScalarType type) {
  const int64_t rows = x.size(0);
  Normed normed{.sum = added.defined() ? at::empty_like(x) : at::Tensor(),
                .y = empty_rows(rows, x.size(1), x.options().dtype(type)),
                .rstd = at::empty({rows, 1}, x.options())};
  with_data(normed.y, [&](auto* y) {
    using T = std::remove_pointer_t<decltype(y)>;
    const simd::RmsNorm<T> call{.x = x.const_data_ptr<float>(),
                                .added = data_or_null<const T>(added),
                                .sum = data_or_null<float>(normed.sum),
                                .weight = weight.const_data_ptr<float>(),
                                .y = y,
                                .rstd = normed.rstd.data_ptr<float>(),
                                .width = x.size(1),
                                .epsilon = static_cast<float>(epsilon)};
    const auto& kernels = simd_for(x)->decoder_rows_of<T>();
    at::parallel_for(0, rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.rms_norm(call, begin, end); });
  });
  if (!added.defined()) normed.sum = x;
  return normed;
}

Normed norm_of(const at::Tensor& x, const at::Tensor& added, const at::Tensor& weight, double epsilon,
               at::ScalarType type) {
  if (added.defined() && (!has_norm_kernel(x) || added.scalar_type() != type))
    return norm_of(x + added, {}, weight, epsilon, type);
  if (has_norm_kernel(x)) return simd_norm(x, added, weight, epsilon, type);
  const at::Tensor rstd = at::rsqrt(at::mean(x * x, 1, /*keepdim=*/true) + epsilon);
  return {.sum = x, .y = (x * rstd * weight).to(type), .rstd = rstd};
}

struct NormGradients {
  at::Tensor x;
  at::Tensor added;  // in the type asked for
  at::Tensor weight;
};

// What is kept for the backward pass.
struct Saved {
  at::Tensor x;
  at::Tensor weight;
  at::Tensor rstd;
};

// `of_sum` may be undefined. The gradient of what was added is wanted in `added_type`.
NormGradients simd_norm_gradients(const at::Tensor& gradient, const at::Tensor& of_sum, const Saved& saved,
                                  at::ScalarType added_type) {
  const at::Tensor& x = saved.x;
  NormGradients gradients{.x = at::empty_like(x), .added = {}, .weight = {}};
  if (added_type == gradient.scalar_type() && added_type != at::kFloat)
    gradients.added = empty_rows(x.size(0), x.size(1), gradient.options());
  with_data(gradient, [&](auto* of_y) {
    using T = std::remove_pointer_t<decltype(of_y)>;
    const simd::RmsNormBackward<T> call{.gradient = of_y,
                                        .of_sum = data_or_null<const float>(of_sum),
                                        .x = x.const_data_ptr<float>(),
                                        .weight = saved.weight.const_data_ptr<float>(),
                                        .rstd = saved.rstd.const_data_ptr<float>(),
                                        .x_gradient = gradients.x.data_ptr<float>(),
                                        .added_gradient = data_or_null<T>(gradients.added),
                                        .width = x.size(1)};
    const auto& kernels = simd_for(x)->decoder_rows_of<T>();
    at::parallel_for(0, x.size(0), rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.rms_norm_backward(call, begin, end); });
  });
  if (!gradients.added.defined()) gradients.added = gradients.x.to(added_type);
  return gradients;
}

NormGradients norm_gradients(const at::Tensor& of_y, const at::Tensor& of_sum, const Saved& saved,
                             bool wants_weight, at::ScalarType added_type) {
  const at::Tensor& x = saved.x;
  if (has_norm_kernel(x) && !wants_weight)
    return simd_norm_gradients(of_y.contiguous(), of_sum.defined() ? of_sum.contiguous() : of_sum, saved,
                               added_type);
  const at::Tensor gradient = of_y.to(x.scalar_type());
  const at::Tensor normed = x * saved.rstd;
  const at::Tensor weighted = gradient * saved.weight;
  at::Tensor of_x = saved.rstd * (weighted - normed * at::mean(weighted * normed, 1, /*keepdim=*/true));
  if (of_sum.defined()) of_x = of_x + of_sum;
  return {.x = of_x,
          .added = of_x.to(added_type),
          .weight = wants_weight ? (gradient * normed).sum(0) : at::Tensor()};
}

Saved saved_by(AutogradContext* context) {
  const variable_list saved = context->get_saved_variables();
  return {.x = saved[0], .weight = saved[1], .rstd = saved[2]};
}

class FusedRmsNorm : public torch::autograd::Function<FusedRmsNorm> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& weight,
                            double epsilon, at::ScalarType type) {
    const Normed normed = norm_of(x, {}, weight, epsilon, type);
    context->save_for_backward({x, weight, normed.rstd});
    return normed.y;
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const Saved saved = saved_by(context);
    const NormGradients of =
        norm_gradients(upstream[0], {}, saved, context->needs_input_grad(1), saved.x.scalar_type());
    return {of.x, of.weight, {}, {}};
  }
};

class FusedAddRmsNorm : public torch::autograd::Function<FusedAddRmsNorm> {
 public:
  static variable_list forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& added,
                               const at::Tensor& weight, double epsilon, at::ScalarType type) {
    const Normed normed = norm_of(x, added, weight, epsilon, type);
    context->save_for_backward({normed.sum, weight, normed.rstd});
    context->saved_data["added"] = static_cast<int64_t>(added.scalar_type());
    return {normed.sum, normed.y};
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const auto added_type = static_cast<at::ScalarType>(context->saved_data["added"].toInt());
    const NormGradients of =
        norm_gradients(upstream[1], upstream[0], saved_by(context), context->needs_input_grad(2), added_type);
    return {of.x, of.added, of.weight, {}, {}};
  }
};

}  // namespace

at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double epsilon, at::ScalarType type) {
  const at::Tensor w = weight.to(x.scalar_type());
  if (kernel_choice().plain) {
    const at::Tensor rstd = at::rsqrt(at::mean(x * x, 1, /*keepdim=*/true) + epsilon);
    return (x * rstd * w).to(type);
  }
  if (!at::GradMode::is_enabled()) return norm_of(x.contiguous(), {}, w.contiguous(), epsilon, type).y;
  return FusedRmsNorm::apply(x.contiguous(), w.contiguous(), epsilon, type);
}

SumAndNorm add_rms_norm(const at::Tensor& x, const at::Tensor& y, const at::Tensor& weight, double epsilon,
                        at::ScalarType type) {
  if (kernel_choice().plain) {
    const at::Tensor sum = x + y;
    return {.sum = sum, .normed = rms_norm(sum, weight, epsilon, type)};
  }
  const at::Tensor w = weight.to(x.scalar_type());
  if (!at::GradMode::is_enabled()) {
    const Normed normed = norm_of(x.contiguous(), y.contiguous(), w.contiguous(), epsilon, type);
    return {.sum = normed.sum, .normed = normed.y};
  }
  const variable_list both =
      FusedAddRmsNorm::apply(x.contiguous(), y.contiguous(), w.contiguous(), epsilon, type);
  return {.sum = both[0], .normed = both[1]};
}

}  // namespace peft
