#include "matrix_product.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/List.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include <algorithm>
#include <optional>

#include "kernel_choice.h"
#include "row_room.h"

namespace peft {
namespace {

using LinearPointwise = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&,
                                   std::string_view, c10::List<std::optional<at::Scalar>>,
                                   std::optional<std::string_view>);

constexpr int64_t part_step = 32;
constexpr int64_t least_of_a_part = 192;

// oneDNN's linear as LibTorch has it for itself; that it is there was asked when it was chosen.
at::Tensor onednn_linear(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  static const auto linear = c10::Dispatcher::singleton()
                                 .findSchemaOrThrow("mkldnn::_linear_pointwise", "")
                                 .typed<LinearPointwise>();
  return linear.call(x, w, bias.defined() ? std::optional(bias) : std::nullopt, "none",
                     c10::List<std::optional<at::Scalar>>(), "");
}

// x wᵀ + bias for rows in as many parts as there are threads, each computed by one of them: for some sizes
// the library itself puts half of its threads to work or fewer.
at::Tensor in_parts(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias, int64_t parts) {
  const at::Tensor y = at::empty({x.size(0), w.size(0)}, x.options());
  const int64_t steps = (x.size(0) + part_step - 1) / part_step;
  at::parallel_for(0, parts, 1, [&](int64_t begin, int64_t end) {
    const at::NoGradGuard no_grad;  // its state is each thread's own
    for (int64_t part = begin; part < end; ++part) {
      const int64_t from = steps * part / parts * part_step;
      const int64_t count = std::min(steps * (part + 1) / parts * part_step, x.size(0)) - from;
      at::Tensor rows = y.narrow(0, from, count);
      if (bias.defined()) {
        at::addmm_out(rows, bias, x.narrow(0, from, count), w.t());
      } else {
        at::mm_out(rows, x.narrow(0, from, count), w.t());
      }
    }
  });
  return y;
}

// In how many parts `in_parts` is the faster way.
int64_t parts_of(const at::Tensor& x) {
  const int64_t threads = at::get_num_threads();
  const bool enough =
      x.is_cpu() && x.scalar_type() == at::kBFloat16 && x.size(0) >= least_of_a_part * threads;
  return enough && !at::in_parallel_region() ? threads : 1;
}

}  // namespace

at::Tensor product(const at::Tensor& x, const at::Tensor& w, const at::Tensor& bias) {
  const at::Tensor rows = x.is_cpu() ? and_room(x) : x;
  at::Tensor y;
  if (const int64_t parts = parts_of(rows); parts > 1) {
    y = in_parts(rows, w, bias, parts);
  } else if (kernel_choice().products == MatrixProducts::onednn && x.is_cpu() &&
             is_compiled(x.scalar_type())) {
    y = onednn_linear(rows, w, bias);
  } else {
    y = bias.defined() ? at::addmm(bias, rows, w.t()) : at::mm(rows, w.t());
  }
  return y.narrow(0, 0, x.size(0));
}

}  // namespace peft
