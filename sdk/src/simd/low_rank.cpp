// Products of activations with matrices of few rows: a low-rank update costs little more than reading the
// activations that it is made of.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/low_rank.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>
// After the above: they compile for each instruction set.
#include "simd/parts.h"
#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace peft::simd::HWY_NAMESPACE {
#if PEFT_SIMD_HAS_VECTORS
namespace {

// Calls f(size constant, i) for i from begin in steps of `step`, and one by one for what is left.
template <int step, class F>
HWY_INLINE void in_steps(int64_t begin, int64_t end, const F& f) {
  int64_t i = begin;
  for (; i + step <= end; i += step) f(std::integral_constant<int, step>(), i);
  for (; i < end; ++i) f(std::integral_constant<int, 1>(), i);
}

// inner [row …, k …] for `rows` rows and `ranks` ranks at once.
template <int rows, int ranks, class T>
HWY_INLINE void shrink_some(const LowRank<T>& call, int64_t row, int64_t k) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const T* x = call.x + row * call.stride;
  const float* panel = call.panel + k * call.width;
  hn::Vec<Floats> sum[rows][ranks];
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < ranks; ++c) sum[r][c] = hn::Zero(d);
  }
  int64_t i = 0;
  for (; i + lanes <= call.width; i += lanes) {
    hn::Vec<Floats> left[rows];
    HWY_UNROLL(2)
    for (int r = 0; r < rows; ++r) left[r] = load(d, x + r * call.stride + i);
    HWY_UNROLL(4)
    for (int c = 0; c < ranks; ++c) {
      const auto right = hn::LoadU(d, panel + c * call.width + i);
      HWY_UNROLL(2)
      for (int r = 0; r < rows; ++r) sum[r][c] = hn::MulAdd(left[r], right, sum[r][c]);
    }
  }
  const OneFloat one;
  for (int r = 0; r < rows; ++r) {
    for (int c = 0; c < ranks; ++c) {
      float total = hn::GetLane(hn::SumOfLanes(d, sum[r][c]));
      for (int64_t rest = i; rest < call.width; ++rest)
        total += hn::GetLane(load(one, x + r * call.stride + rest)) * panel[c * call.width + rest];
      call.inner[(row + r) * call.rank + k + c] = total;
    }
  }
}

template <class T>
void shrink(const LowRank<T>& call, int64_t begin, int64_t end) {
  in_steps<2>(begin, end, [&](auto rows, int64_t row) {
    in_steps<4>(0, call.rank,
                [&](auto ranks, int64_t k) { shrink_some<rows.value, ranks.value>(call, row, k); });
  });
}

// Columns i … of `rows` rows, as many as the tag has lanes.
template <int rows, class D, class T>
HWY_INLINE void expand_some(D d, const LowRank<T>& call, int64_t row, int64_t i) {
  T* x = call.x + row * call.stride + i;
  const float* inner = call.inner + row * call.rank;
  hn::Vec<D> sum[rows];
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) sum[r] = hn::Zero(d);
  for (int64_t k = 0; k < call.rank; ++k) {
    const auto right = hn::LoadU(d, call.panel + k * call.width + i);
    HWY_UNROLL(8)
    for (int r = 0; r < rows; ++r) sum[r] = hn::MulAdd(hn::Set(d, inner[r * call.rank + k]), right, sum[r]);
  }
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) store(d, hn::Add(load(d, x + r * call.stride), sum[r]), x + r * call.stride);
}

template <class T>
void expand(const LowRank<T>& call, int64_t begin, int64_t end) {
  in_steps<8>(begin, end, [&](auto rows, int64_t row) {
    for_each(0, call.width, [&](auto d, int64_t i) { expand_some<rows.value>(d, call, row, i); });
  });
}

// panel [k …, columns i …], summed over the rows in their order.
template <int ranks, class D, class T>
HWY_INLINE void gather_some(D d, const LowRank<T>& call, int64_t k, int64_t i) {
  hn::Vec<D> sum[ranks];
  for (int c = 0; c < ranks; ++c) sum[c] = hn::Zero(d);
  for (int64_t row = 0; row < call.rows; ++row) {
    const auto x = load(d, call.x + row * call.stride + i);
    const float* inner = call.inner + row * call.rank + k;
    HWY_UNROLL(8)
    for (int c = 0; c < ranks; ++c) sum[c] = hn::MulAdd(hn::Set(d, inner[c]), x, sum[c]);
  }
  for (int c = 0; c < ranks; ++c) hn::StoreU(sum[c], d, call.panel + (k + c) * call.width + i);
}

template <class T>
void gather(const LowRank<T>& call, int64_t begin, int64_t end) {
  for_each(begin, end, [&](auto d, int64_t i) {
    in_steps<8>(0, call.rank, [&](auto ranks, int64_t k) { gather_some<ranks.value>(d, call, k, i); });
  });
}

template <class T>
LowRankKernels<T> table() {
  return {.shrink = shrink<T>, .expand = expand<T>, .gather = gather<T>};
}

}  // namespace

void fill_low_rank_kernels(Kernels& kernels) {
  kernels.low_rank = table<float>();
  kernels.low_rank_bf16 = table<bfloat16>();
}
#else
void fill_low_rank_kernels(Kernels&) {}
#endif

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peft::simd {

HWY_EXPORT(fill_low_rank_kernels);
void fill_low_rank_kernels(Kernels& kernels) {
  HWY_DYNAMIC_DISPATCH(fill_low_rank_kernels)(kernels);
}

}  // namespace peft::simd
#endif
