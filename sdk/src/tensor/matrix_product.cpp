#include "matrix_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include <optional>

#include "kernel_choice.h"
#include "row_room.h"

namespace peft {
namespace {

using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                   std::string_view, c10::List<std::optional<at::Scalar>>,
                                   std::optional<std::string_view>);

// oneDNN's linear as LibTorch has it for itself; that it is there was asked when it was chosen.
at::Tensor onednn_linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  static const auto linear = c10::Dispatcher::singleton()
                                 .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                                 .typed<LinearPointwise>();
  return linear.call(x, w, bias.defined() ? std::optional(bias) : std::nullopt, "none",
                     c10::List<std::optional<at::Scalar>>(), "");
}

bool fits_few_rows(const at::Tensor& x, const at::Tensor& w) {
  return x.size(0) <= simd::most_rows && w.numel() > 0 && simd_for(x) != nullptr && simd_for(w) != nullptr &&
         (w.is_contiguous() || w.t().is_contiguous());
}

at::Tensor few_rows(const simd::Kernels& kernels, const at::Tensor& x, const at::Tensor& w,
                    const at::Tensor& bias) {
  const at::Tensor rows = x.to(at::kFloat).contiguous();
  const at::Tensor offset = bias.defined() ? bias.to(at::kFloat).contiguous() : bias;
  at::Tensor y = at::empty({x.size(0), w.size(0)}, rows.options());
  with_data(w, [&](auto* weight) {
    using W = std::remove_pointer_t<decltype(weight)>;
    const simd::FewRows<W> call{.x = rows.const_data_ptr<float>(),
                                .weight = weight,
                                .bias = offset.defined() ? offset.const_data_ptr<float>() : nullptr,
                                .y = y.data_ptr<float>(),
                                .rows = x.size(0),
                                .in = w.size(1),
                                .out = w.size(0),
                                .in_out = !w.is_contiguous()};
    at::parallel_for(0, call.out, 64, [&](int64_t begin, int64_t end) {
      kernels.few_rows_of<W>().multiply(call, begin, end);
    });
  });
  return y.to(x.scalar_type());
}

}  // namespace

at::Tensor product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  const at::Tensor rows = x.is_cpu() ? and_room(x) : x;
  at::Tensor y;
  if (kernel_choice().products == MatrixProducts::onednn && x.is_cpu() && is_compiled(x.scalar_type())) {
    y = onednn_linear(rows, w, bias);
  } else {
    y = bias.defined() ? at::addmm(bias, rows, w.t()) : at::mm(rows, w.t());
  }
  return y.narrow(0, 0, x.size(0));
}

at::Tensor decoding_product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  return fits_few_rows(x, w) ? few_rows(*simd_for(x), x, w, bias) : product(x, w, bias);
}

}  // namespace peft
