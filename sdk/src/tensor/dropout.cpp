#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "forward_state.h"
#include "peft/error.h"
#include "peft/forward.h"

namespace peft {
namespace {

// [M, width] float32: 0 with probability p, else 1 / (1 - p). Element j of a row is lane j % 4 of block j / 4
// of the stream (site, example, place): which rows are computed together does not matter.
at::Tensor dropout_mask(double p, int64_t width, const RandomStream& stream, const Rows& rows) {
  const auto height = static_cast<int64_t>(rows.example.size());
  at::Tensor mask = at::empty({height, width}, at::kFloat);
  float* out = mask.data_ptr<float>();
  const auto kept = static_cast<float>(1.0 / (1.0 - p));
  const auto threshold = static_cast<uint64_t>(std::llround(p * 0x1p32));
  at::parallel_for(0, height, 16, [&](int64_t first, int64_t last) {
    for (int64_t row = first; row < last; ++row) {
      const RandomStream of_row = stream.child(static_cast<uint64_t>(rows.example[static_cast<size_t>(row)]))
                                      .child(static_cast<uint64_t>(rows.place[static_cast<size_t>(row)]));
      for (int64_t j = 0; j < width; j += 4) {
        const std::array<uint32_t, 4> bits = of_row.block(static_cast<uint64_t>(j / 4));
        for (int64_t lane = 0; lane < 4 && j + lane < width; ++lane) {
          out[row * width + j + lane] = bits[static_cast<size_t>(lane)] < threshold ? 0.0f : kept;
        }
      }
    }
  });
  return mask;
}

}  // namespace

at::Tensor Forward::dropout(const at::Tensor& x, double p, std::string_view site, const Rows& rows) const {
  if (!training() || p == 0.0) return x;
  if (static_cast<int64_t>(rows.example.size()) != x.size(0)) {
    throw Error("dropout at '" + std::string(site) + "' was given " + std::to_string(x.size(0)) +
                " rows and the places of " + std::to_string(rows.example.size()));
  }
  const at::Tensor mask = dropout_mask(p, x.numel() / x.size(0), state_->options.random.child(site), rows);
  return x * mask.view(x.sizes()).to(x.options());
}

}  // namespace peft
