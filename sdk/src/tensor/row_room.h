// Rows with room behind them. oneDNN compiles a product for each number of rows it meets, which takes longer
// than many products; batches without padding meet a new number nearly every time. So where oneDNN
// multiplies, activations are given room for rows up to the next multiple of `row_step`, and products compute
// the rows in that room too: no row depends on another.
#pragma once

#include <ATen/core/Tensor.h>
#include <ATen/ops/empty.h>

#include <cstdint>
#include <vector>

#include "kernel_choice.h"

namespace peft {

// Of a few rows there are few numbers.
inline constexpr int64_t least_rows = 32;

// Products of few sizes, and few rows in vain.
inline int64_t row_step(int64_t rows) {
  return rows < 512 ? 32 : 64;
}

// LibTorch's own products in bfloat16 are oneDNN's as well.
inline bool is_compiled(at::ScalarType type) {
  return type == at::kBFloat16 || (type == at::kFloat && kernel_choice().products == MatrixProducts::onednn);
}

inline int64_t with_room(int64_t rows, at::ScalarType type) {
  if (rows < least_rows || !is_compiled(type)) return rows;
  const int64_t step = row_step(rows);
  return (rows + step - 1) / step * step;
}

// [rows, width], not filled, with room, which is zero: where the width is odd, oneDNN multiplies the first
// element of the row behind by zero, and nothing may come of it.
inline at::Tensor empty_rows(int64_t rows, int64_t width, const at::TensorOptions& options) {
  const int64_t all_rows = with_room(rows, c10::typeMetaToScalarType(options.dtype()));
  const at::Tensor all = at::empty({all_rows, width}, options);
  all.narrow(0, rows, all_rows - rows).zero_();
  return all.narrow(0, 0, rows);
}

// x [M, width] and the rows in the room behind it; a copy that has room where x has none.
inline at::Tensor and_room(const at::Tensor& x) {
  const std::vector<int64_t> sizes = {with_room(x.size(0), x.scalar_type()), x.size(1)};
  if (sizes[0] == x.size(0)) return x;
  const auto behind = static_cast<int64_t>(x.storage().nbytes() / x.element_size()) - x.storage_offset();
  if (x.is_contiguous() && behind >= sizes[0] * sizes[1]) return x.as_strided(sizes, x.strides());
  const at::Tensor copy = empty_rows(x.size(0), x.size(1), x.options());
  copy.copy_(x);
  return copy.as_strided(sizes, copy.strides());
}

}  // namespace peft
