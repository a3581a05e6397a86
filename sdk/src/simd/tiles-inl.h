// C [m, n] (+)= A [m, k] B [k, n] for matrices of an attention head: held in registers six rows at a time.
// Included once for each instruction set.
#if defined(PEFT_SIMD_TILES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PEFT_SIMD_TILES_INL_H
#undef PEFT_SIMD_TILES_INL_H
#else
#define PEFT_SIMD_TILES_INL_H
#endif

#include "simd/vectors-inl.h"

#if PEFT_SIMD_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace peft::simd::HWY_NAMESPACE {

// Element (i, j) lies at data + i · row_step + j · column_step: a matrix, or a transposed one.
struct Left {
  const float* data;
  int64_t row_step;
  int64_t column_step;
};

inline constexpr int tile_rows = 6;
inline constexpr int tile_vectors = register_sums / tile_rows;

template <int rows, int vectors>
HWY_INLINE void tile(const Left& a, const float* b, int64_t b_step, float* c, int64_t c_step, int64_t depth,
                     bool add) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<Floats> sum[rows][vectors];
  HWY_UNROLL(6)
  for (int r = 0; r < rows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < vectors; ++v)
      sum[r][v] = add ? hn::LoadU(d, c + r * c_step + v * lanes) : hn::Zero(d);
  }
  const float* left = a.data;
  for (int64_t k = 0; k < depth; ++k) {
    hn::Vec<Floats> right[vectors];
    HWY_UNROLL(4)
    for (int v = 0; v < vectors; ++v) right[v] = hn::LoadU(d, b + k * b_step + v * lanes);
    HWY_UNROLL(6)
    for (int r = 0; r < rows; ++r) {
      const auto one = hn::Set(d, left[r * a.row_step]);
      HWY_UNROLL(4)
      for (int v = 0; v < vectors; ++v) sum[r][v] = hn::MulAdd(one, right[v], sum[r][v]);
    }
    left += a.column_step;
  }
  HWY_UNROLL(6)
  for (int r = 0; r < rows; ++r) {
    HWY_UNROLL(4)
    for (int v = 0; v < vectors; ++v) hn::StoreU(sum[r][v], d, c + r * c_step + v * lanes);
  }
}

template <int vectors>
HWY_INLINE void tiles_down(const Left& a, const float* b, int64_t b_step, float* c, int64_t c_step, int64_t m,
                           int64_t depth, bool add) {
  int64_t i = 0;
  const auto from = [&](int64_t row) { return Left{a.data + row * a.row_step, a.row_step, a.column_step}; };
  for (; i + tile_rows <= m; i += tile_rows)
    tile<tile_rows, vectors>(from(i), b, b_step, c + i * c_step, c_step, depth, add);
  for (; i + 2 <= m; i += 2) tile<2, vectors>(from(i), b, b_step, c + i * c_step, c_step, depth, add);
  if (i < m) tile<1, vectors>(from(i), b, b_step, c + i * c_step, c_step, depth, add);
}

// n is a multiple of a vector's lanes.
HWY_NOINLINE void multiply(const Left& a, const float* b, int64_t b_step, float* c, int64_t c_step, int64_t m,
                           int64_t n, int64_t depth, bool add) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(Floats()));
  int64_t j = 0;
  for (; j + tile_vectors * lanes <= n; j += tile_vectors * lanes)
    tiles_down<tile_vectors>(a, b + j, b_step, c + j, c_step, m, depth, add);
  for (; j + 2 * lanes <= n; j += 2 * lanes) tiles_down<2>(a, b + j, b_step, c + j, c_step, m, depth, add);
  for (; j < n; j += lanes) tiles_down<1>(a, b + j, b_step, c + j, c_step, m, depth, add);
}

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
