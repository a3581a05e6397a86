// Rotary positions that keep nothing but the angles: the way back is the turn back.
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <torch/csrc/autograd/custom_function.h>

#include "peft/ops.h"
#include "row_kernels.h"
#include "row_room.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

bool has_kernel(const at::Tensor& x, const at::Tensor& cosines) {
  return simd_for(x) != nullptr && cosines.scalar_type() == at::kFloat;
}

at::Tensor simd_turn(const at::Tensor& given, const at::Tensor& cosines, const at::Tensor& sines, bool back) {
  const bool heads_side_by_side = given.stride(2) == 1 && given.stride(1) == given.size(2);
  const at::Tensor x = heads_side_by_side ? given : given.contiguous();
  const int64_t rows = x.size(0);
  const at::Tensor y = empty_rows(rows, x.size(1) * x.size(2), x.options()).view(x.sizes());
  with_data(y, [&](auto* to) {
    using T = std::remove_pointer_t<decltype(to)>;
    const simd::Rotary<T> call{.x = static_cast<const T*>(x.const_data_ptr()),
                               .stride = x.stride(0),
                               .cosines = cosines.const_data_ptr<float>(),
                               .sines = sines.const_data_ptr<float>(),
                               .y = to,
                               .heads = x.size(1),
                               .half = x.size(2) / 2,
                               .back = back};
    const auto& kernels = simd_for(x)->decoder_rows_of<T>();
    at::parallel_for(0, rows, rows_a_thread,
                     [&](int64_t begin, int64_t end) { kernels.rotary(call, begin, end); });
  });
  return y;
}

at::Tensor plain_turn(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines, bool back) {
  const int64_t half = x.size(2) / 2;
  const at::Tensor wide = x.to(cosines.scalar_type());
  const at::Tensor first = wide.narrow(2, 0, half);
  const at::Tensor second = wide.narrow(2, half, half);
  const at::Tensor c = cosines.unsqueeze(1);
  const at::Tensor s = back ? -sines.unsqueeze(1) : sines.unsqueeze(1);
  return at::cat({first * c - second * s, second * c + first * s}, 2).to(x.scalar_type());
}

at::Tensor turn(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines, bool back) {
  return has_kernel(x, cosines) ? simd_turn(x, cosines, sines, back) : plain_turn(x, cosines, sines, back);
}

class FusedRotary : public torch::autograd::Function<FusedRotary> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& cosines,
                            const at::Tensor& sines) {
    context->save_for_backward({cosines, sines});
    return turn(x, cosines, sines, /*back=*/false);
  }

  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const variable_list saved = context->get_saved_variables();
    return {turn(upstream[0], saved[0], saved[1], /*back=*/true), {}, {}};
  }
};

}  // namespace

at::Tensor rotary(const at::Tensor& x, const at::Tensor& cosines, const at::Tensor& sines) {
  if (kernel_choice().plain) return plain_turn(x, cosines, sines, /*back=*/false);
  const at::Tensor c = cosines.contiguous();
  const at::Tensor s = sines.contiguous();
  return at::GradMode::is_enabled() ? FusedRotary::apply(x, c, s) : turn(x, c, s, /*back=*/false);
}

}  // namespace peft
