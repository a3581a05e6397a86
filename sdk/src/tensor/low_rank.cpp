#include "low_rank.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>

#include "kernel_choice.h"
#include "matrix_product.h"
#include "row_room.h"

namespace peft {
namespace {

constexpr int64_t most_rank = 32;  // from here on a library's products are the faster ones
constexpr int64_t rows_a_thread = 16;
constexpr int64_t columns_a_thread = 64;

// The vectorised kernels, where they can compute on these.
const simd::Kernels* kernels_for(const at::Tensor& x, const at::Tensor& panel, const at::Tensor& inner) {
  const bool fit = panel.size(0) <= most_rank && panel.scalar_type() == at::kFloat && panel.is_contiguous() &&
                   inner.scalar_type() == at::kFloat && inner.is_contiguous() && x.stride(1) == 1;
  return fit ? simd_for(x) : nullptr;
}

// Calls f(kernels, call) with what the three products share.
template <class F>
void with_call(const simd::Kernels& kernels, const at::Tensor& x, const at::Tensor& panel,
               const at::Tensor& inner, const F& f) {
  with_data(x, [&](auto* data) {
    using T = std::remove_pointer_t<decltype(data)>;
    const simd::LowRank<T> call{.x = data,
                                .stride = x.stride(0),
                                .panel = static_cast<float*>(panel.data_ptr()),
                                .inner = static_cast<float*>(inner.data_ptr()),
                                .rows = x.size(0),
                                .width = x.size(1),
                                .rank = panel.size(0)};
    f(kernels.low_rank_of<T>(), call);
  });
}

}  // namespace

at::Tensor shrink(const at::Tensor& x, const at::Tensor& panel) {
  const at::Tensor inner = at::empty({x.size(0), panel.size(0)}, panel.options());
  const simd::Kernels* kernels = kernels_for(x, panel, inner);
  if (kernels == nullptr) return product(x, panel.to(x.scalar_type())).to(panel.scalar_type());
  with_call(*kernels, x, panel, inner, [](const auto& low_rank, const auto& call) {
    at::parallel_for(0, call.rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { low_rank.shrink(call, begin, end); });
  });
  return inner;
}

void expand(const at::Tensor& x, const at::Tensor& inner, const at::Tensor& panel) {
  const simd::Kernels* kernels = kernels_for(x, panel, inner);
  if (kernels == nullptr) {
    const at::ScalarType type = x.scalar_type();
    if (is_compiled(type)) {
      x.add_(product(inner.to(type), panel.t().to(type)));
    } else {
      x.addmm_(inner.to(type), panel.to(type));
    }
    return;
  }
  with_call(*kernels, x, panel, inner, [](const auto& low_rank, const auto& call) {
    at::parallel_for(0, call.rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { low_rank.expand(call, begin, end); });
  });
}

at::Tensor gather(const at::Tensor& inner, const at::Tensor& x) {
  const at::Tensor panel = at::empty({inner.size(1), x.size(1)}, inner.options());
  const simd::Kernels* kernels = kernels_for(x, panel, inner);
  if (kernels == nullptr) return at::mm(inner.t(), x.to(inner.scalar_type()));
  with_call(*kernels, x, panel, inner, [](const auto& low_rank, const auto& call) {
    at::parallel_for(0, call.width, columns_a_thread,
                     [&](int64_t begin, int64_t end) { low_rank.gather(call, begin, end); });
  });
  return panel;
}

}  // namespace peft
