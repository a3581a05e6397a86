#include "relative_distance.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/log.h>
#include <ATen/ops/where.h>

#include <cmath>

namespace peft::t5 {

// In float32 as Hugging Face computes it: on the borders between buckets rounding decides.
at::Tensor buckets_of(const Buckets& buckets, int64_t first, int64_t last, const at::Device& device) {
  const at::Tensor distance = at::arange(first, last + 1, at::TensorOptions(device).dtype(at::kLong));
  const int64_t count = buckets.both_ways ? buckets.count / 2 : buckets.count;
  const at::Tensor side = buckets.both_ways ? (distance > 0).to(at::kLong) * count : distance * 0;
  const at::Tensor away = buckets.both_ways ? distance.abs() : (-distance).clamp_min(0);
  const int64_t near = count / 2;
  const double whole = std::log(static_cast<double>(buckets.max_distance) / static_cast<double>(near));
  const at::Tensor grown =
      at::log(away.to(at::kFloat) / static_cast<double>(near)) / whole * static_cast<double>(count - near);
  const at::Tensor far = (grown.clamp_min(0).to(at::kLong) + near).clamp_max(count - 1);
  return side + at::where(away < near, away, far);
}

DistanceBias distance_bias(const Buckets& buckets, const at::Tensor& table, int64_t reach) {
  const int64_t lowest = 1 - reach;
  const int64_t highest = buckets.both_ways ? reach - 1 : 0;
  const at::Tensor bucket = buckets_of(buckets, lowest, highest, table.device());
  return {.values = at::embedding(table, bucket).t(), .lowest = lowest};
}

}  // namespace peft::t5
