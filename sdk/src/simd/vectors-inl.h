// Vectors of float32 read from and written to float32 or bfloat16. Included once for each instruction set.
#if defined(PEFT_SIMD_VECTORS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PEFT_SIMD_VECTORS_INL_H
#undef PEFT_SIMD_VECTORS_INL_H
#else
#define PEFT_SIMD_VECTORS_INL_H
#endif

#include <hwy/highway.h>

#include "simd/kernels.h"

// Without vector instructions LibTorch's own kernels are the faster ones: nothing is compiled then.
#undef PEFT_SIMD_HAS_VECTORS
#define PEFT_SIMD_HAS_VECTORS (HWY_TARGET != HWY_SCALAR && HWY_TARGET != HWY_EMU128)

#if PEFT_SIMD_HAS_VECTORS
HWY_BEFORE_NAMESPACE();
namespace peft::simd::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using OneFloat = hn::CappedTag<float, 1>;

// Sums that stay in registers beside what is added to them: twelve of sixteen registers, twenty-four of
// thirty-two.
inline constexpr int register_sums = HWY_TARGET <= HWY_AVX3 || HWY_ARCH_ARM_A64 ? 24 : 12;

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const float* from) {
  return hn::LoadU(d, from);
}

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const bfloat16* from) {
  const hn::RebindToUnsigned<D> bits;
  const hn::Rebind<uint16_t, D> half;
  return hn::BitCast(d, hn::ShiftLeft<16>(hn::PromoteTo(bits, hn::LoadU(half, from))));
}

template <class D>
HWY_INLINE void store(D d, hn::Vec<D> value, float* to) {
  hn::StoreU(value, d, to);
}

// Rounded to the nearest, ties to even; a NaN stays one.
template <class D>
HWY_INLINE void store(D d, hn::Vec<D> value, bfloat16* to) {
  const hn::RebindToUnsigned<D> bits;
  const hn::Rebind<uint16_t, D> half;
  const auto raw = hn::BitCast(bits, value);
  const auto last = hn::And(hn::ShiftRight<16>(raw), hn::Set(bits, 1u));
  const auto rounded = hn::Add(raw, hn::Add(last, hn::Set(bits, 0x7fffu)));
  const auto quiet = hn::Or(raw, hn::Set(bits, 0x400000u));
  const auto chosen = hn::IfThenElse(hn::RebindMask(bits, hn::IsNaN(value)), quiet, rounded);
  hn::StoreU(hn::TruncateTo(half, hn::ShiftRight<16>(chosen)), half, to);
}

// Calls f(tag, i) for i from begin in steps of a whole vector, and one by one for what is left.
template <class F>
HWY_INLINE void for_each(int64_t begin, int64_t end, const F& f) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  int64_t i = begin;
  for (; i + lanes <= end; i += lanes) f(d, i);
  const OneFloat one;
  for (; i < end; ++i) f(one, i);
}

// Σ f(tag, i) over 0 … count-1. The order of the additions depends on count alone.
template <class F>
HWY_INLINE float sum_over(int64_t count, const F& f) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  auto sum0 = hn::Zero(d);
  auto sum1 = hn::Zero(d);
  int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    sum0 = hn::Add(sum0, f(d, i));
    sum1 = hn::Add(sum1, f(d, i + lanes));
  }
  if (i + lanes <= count) {
    sum0 = hn::Add(sum0, f(d, i));
    i += lanes;
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum0, sum1)));
  const OneFloat one;
  for (; i < count; ++i) sum += hn::GetLane(f(one, i));
  return sum;
}

// The largest f(tag, i) over 0 … count-1; count > 0.
template <class F>
HWY_INLINE float max_over(int64_t count, const F& f) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const OneFloat one;
  float largest = hn::GetLane(f(one, 0));
  int64_t i = 0;
  if (count >= lanes) {
    auto vector = f(d, 0);
    for (i = lanes; i + lanes <= count; i += lanes) vector = hn::Max(vector, f(d, i));
    largest = hn::GetLane(hn::MaxOfLanes(d, vector));
  }
  for (; i < count; ++i) {
    const float value = hn::GetLane(f(one, i));
    largest = value > largest ? value : largest;
  }
  return largest;
}

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif

#endif
