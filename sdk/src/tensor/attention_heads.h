// How the vectorised kernels of attention are called: one head of one sequence at a time.
#pragma once

#include <ATen/Parallel.h>
#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "simd/kernels.h"

namespace peft {

inline simd::AttentionShape shape_of(int64_t queries, int64_t keys, int64_t front, int64_t head_size,
                                     bool causal) {
  return {.queries = queries,
          .keys = keys,
          .front = front,
          .head_size = head_size,
          .scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_size))),
          .causal = causal};
}

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
