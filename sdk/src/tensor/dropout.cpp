#include "dropout.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "forward_state.h"
#include "kernel_choice.h"
#include "peft/error.h"
#include "peft/forward.h"

namespace peft {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

uint32_t threshold(double p) {
  return static_cast<uint32_t>(std::min(std::llround(p * 0x1p32), 0xffffffffLL));
}

float kept(double p) {
  return static_cast<float>(1.0 / (1.0 - p));
}

// [M, width] float32: 0 with probability p, else 1 / (1 - p). Element j of a row is lane j % 4 of block j / 4
// of the row's stream: which rows are computed together does not matter.
at::Tensor mask_of(double p, int64_t width, const at::Tensor& streams) {
  const int64_t height = streams.size(0);
  at::Tensor mask = at::empty({height, width}, at::kFloat);
  float* out = mask.data_ptr<float>();
  const auto* keys = streams.const_data_ptr<int64_t>();
  at::parallel_for(0, height, 16, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const RandomStream of_row = RandomStream(static_cast<uint64_t>(keys[row]));
      for (int64_t j = 0; j < width; j += 4) {
        const std::array<uint32_t, 4> bits = of_row.block(static_cast<uint64_t>(j / 4));
        for (int64_t lane = 0; lane < 4 && j + lane < width; ++lane) {
          out[row * width + j + lane] = bits[static_cast<size_t>(lane)] < threshold(p) ? 0.0f : kept(p);
        }
      }
    }
  });
  return mask;
}

at::Tensor masked(const at::Tensor& x, double p, const at::Tensor& streams) {
  return x * mask_of(p, x.numel() / x.size(0), streams).view(x.sizes()).to(x.options());
}

class Dropout : public torch::autograd::Function<Dropout> {
 public:
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, double p,
                            const at::Tensor& streams) {
    context->save_for_backward({streams});
    context->saved_data["p"] = p;
    return drop(x, p, streams);
  }
  static variable_list backward(AutogradContext* context, const variable_list& upstream) {
    const at::Tensor streams = context->get_saved_variables().front();
    return {drop(upstream.front(), context->saved_data["p"].toDouble(), streams), {}, {}};
  }
};

}  // namespace

at::Tensor row_streams(const RandomStream& stream, const Rows& rows) {
  at::Tensor streams = at::empty({static_cast<int64_t>(rows.example.size())}, at::kLong);
  auto* out = streams.data_ptr<int64_t>();
  for (size_t row = 0; row < rows.example.size(); ++row) {
    out[row] = static_cast<int64_t>(stream.child(static_cast<uint64_t>(rows.example[row]))
                                        .child(static_cast<uint64_t>(rows.place[row]))
                                        .key());
  }
  return streams;
}

at::Tensor drop(const at::Tensor& x, double p, const at::Tensor& streams) {
  const simd::Kernels* kernels = simd_for(x);
  if (kernels == nullptr) return masked(x, p, streams);
  const at::Tensor rows = x.contiguous();
  at::Tensor y = at::empty_like(rows);
  with_data(y, [&](auto* to) {
    using T = std::remove_pointer_t<decltype(to)>;
    const simd::Dropout<T> call{
        .x = static_cast<const T*>(rows.const_data_ptr()),
        .y = to,
        .streams = reinterpret_cast<const uint64_t*>(streams.const_data_ptr<int64_t>()),
        .width = x.numel() / x.size(0),
        .threshold = threshold(p),
        .kept = kept(p)};
    at::parallel_for(0, x.size(0), 16,
                     [&](int64_t begin, int64_t end) { kernels->rows_of<T>().dropout(call, begin, end); });
  });
  return y;
}

at::Tensor Forward::dropout(const at::Tensor& x, double p, std::string_view site, const Rows& rows) const {
  if (!training() || p == 0.0) return x;
  if (static_cast<int64_t>(rows.example.size()) != x.size(0)) {
    throw Error("dropout at '" + std::string(site) + "' was given " + std::to_string(x.size(0)) +
                " rows and the places of " + std::to_string(rows.example.size()));
  }
  const at::Tensor streams = row_streams(state_->options.random.child(site), rows);
  if (kernel_choice().plain) return masked(x, p, streams);
  return Dropout::apply(x, p, streams);
}

}  // namespace peft
