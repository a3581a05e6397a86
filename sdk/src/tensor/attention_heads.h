// How the vectorised kernels of attention are called: one head of one sequence at a time.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "attention_rules.h"
#include "simd/kernels.h"

namespace peft {

// A distance bias as the kernels read it: rows of heads, the lags of a query and a key ascending, with room
// around them.
class LagBias {
 public:
  LagBias() = default;
  explicit LagBias(const DistanceBias& bias);

  bool exists() const { return rows_.defined(); }
  const float* of_head(int64_t head) const {
    return exists() ? rows_.const_data_ptr<float>() + head * rows_.size(1) + zero_ : nullptr;
  }
  // Zeros in the same form, one set of heads for each of `count`.
  at::Tensor gradients(int64_t count) const;
  float* of_gradient(const at::Tensor& gradients, int64_t index, int64_t head) const;
  // The gradient of the bias's values, from the sum of those.
  at::Tensor of_values(const at::Tensor& summed) const;

 private:
  at::Tensor rows_;        // [heads, lags and room]
  int64_t zero_ = 0;       // the place of lag 0 in a row
  int64_t distances_ = 0;  // how many the bias has values for
};

// Of x [rows, heads, head size]; undefined: none.
template <class T>
simd::HeadRows<T> head_of(const at::Tensor& x, int64_t head, int64_t first_row = 0) {
  using Stored = std::remove_const_t<T>;
  if (!x.defined()) return {nullptr, 0};
  auto* data = static_cast<Stored*>(x.data_ptr());
  return {data + first_row * x.stride(0) + head * x.stride(1), x.stride(0)};
}

// Heads outermost: threads then share every sequence, whatever their lengths.
template <class Visit>
void for_each_head(int64_t heads, int64_t sequences, const Visit& visit) {
  at::parallel_for(0, heads * sequences, 1, [&](int64_t begin, int64_t end) {
    std::vector<float> scratch;
    for (int64_t i = begin; i < end; ++i) visit(i / sequences, i % sequences, scratch);
  });
}

inline float* room(std::vector<float>& scratch, int64_t floats) {
  scratch.resize(std::max(scratch.size(), static_cast<size_t>(floats)));
  return scratch.data();
}

}  // namespace peft
