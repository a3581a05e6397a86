#include "decoding_linear.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "kernel_choice.h"
#include "matrix_product.h"
#include "peft/kernels.h"

namespace peft {
namespace {

// From so many rows on LibTorch's products are the faster ones: they read a weight more slowly but compute
// faster, in bfloat16 by far where the processor multiplies it.
int64_t most_few_rows(at::ScalarType type) {
  return type == at::kBFloat16 && computes_bfloat16() ? 8 : 32;
}

bool fits_few_rows(const at::Tensor& x, const at::Tensor& weight) {
  return x.size(0) <= most_few_rows(weight.scalar_type()) && weight.is_contiguous() && weight.numel() > 0 &&
         simd_for(x) != nullptr && simd_for(weight) != nullptr;
}

at::Tensor few_rows(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                    WeightLayout layout) {
  const bool in_out = layout == WeightLayout::in_out;
  const at::Tensor rows = x.to(at::kFloat).contiguous();
  const at::Tensor offset = bias.defined() ? bias.contiguous() : bias;
  at::Tensor y = at::empty({x.size(0), weight.size(in_out ? 1 : 0)}, rows.options());
  with_data(weight, [&](auto* data) {
    using W = std::remove_pointer_t<decltype(data)>;
    const simd::FewRows<W> call{
        .x = rows.const_data_ptr<float>(),
        .weight = data,
        .bias = offset.defined() ? static_cast<const W*>(offset.const_data_ptr()) : nullptr,
        .y = y.data_ptr<float>(),
        .rows = x.size(0),
        .in = x.size(1),
        .out = y.size(1),
        .in_out = in_out};
    constexpr int64_t piece = 64;  // whole vectors, so that no thread is left with single outputs
    at::parallel_for(0, (call.out + piece - 1) / piece, 1, [&](int64_t begin, int64_t end) {
      kernel_choice().simd.few_rows_of<W>().multiply(call, begin * piece, std::min(end * piece, call.out));
    });
  });
  return y.to(weight.scalar_type());
}

}  // namespace

at::Tensor decoding_linear(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                           WeightLayout layout, const std::vector<LowRankUpdate>& updates) {
  const at::ScalarType type = weight.scalar_type();
  const at::Tensor operand = x.to(type);
  const at::Tensor offset = bias.defined() ? bias.to(type) : bias;
  const at::Tensor y = fits_few_rows(operand, weight)
                           ? few_rows(operand, weight, offset, layout)
                           : product(operand, layout == WeightLayout::out_in ? weight : weight.t(), offset);
  for (const LowRankUpdate& update : updates) add_update(y, operand, update);
  return y.to(x.scalar_type());
}

}  // namespace peft
