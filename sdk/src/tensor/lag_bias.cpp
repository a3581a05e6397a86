#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/flip.h>
#include <ATen/ops/zeros.h>

#include "attention_heads.h"

namespace peft {
namespace {

constexpr int64_t margin = 64;  // a block of queries: what it does not see is read with what it does

}  // namespace

// A lag is a distance with the other sign: the order of the values is turned around.
LagBias::LagBias(const DistanceBias& bias) : distances_(bias.values.defined() ? bias.values.size(1) : 0) {
  if (!bias.values.defined()) return;
  rows_ = at::constant_pad_nd(bias.values.to(at::kFloat).flip(1), {margin, margin}).contiguous();
  zero_ = margin + bias.lowest + distances_ - 1;
}

at::Tensor LagBias::gradients(int64_t count) const {
  return at::zeros({count, rows_.size(0), rows_.size(1)}, rows_.options());
}

float* LagBias::of_gradient(const at::Tensor& gradients, int64_t index, int64_t head) const {
  if (!gradients.defined()) return nullptr;
  return gradients.data_ptr<float>() + (index * rows_.size(0) + head) * rows_.size(1) + zero_;
}

at::Tensor LagBias::of_values(const at::Tensor& summed) const {
  return summed.narrow(1, margin, distances_).flip(1);
}

}  // namespace peft
