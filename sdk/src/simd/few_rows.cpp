// A linear of a few rows: what decoding does with every weight, as fast as the weight can be read.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/few_rows.cpp"
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

// Σ over four neighbouring inputs, from `in` on; fewer where the weight ends there.
template <int rows, int inputs, class W, class D>
HWY_INLINE void add_inputs(D d, const FewRows<W>& call, int64_t in, int64_t o) {
  hn::Vec<D> w[inputs];
  HWY_UNROLL(4)
  for (int k = 0; k < inputs; ++k) w[k] = load(d, call.weight + (in + k) * call.out + o);
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) {
    float* y = call.y + r * call.out + o;
    const float* x = call.x + r * call.in + in;
    auto sum = hn::LoadU(d, y);
    HWY_UNROLL(4)
    for (int k = 0; k < inputs; ++k) sum = hn::MulAdd(hn::Set(d, x[k]), w[k], sum);
    hn::StoreU(sum, d, y);
  }
}

// W [in, out]: outputs begin … end-1 stay in the nearest cache while the weight streams by.
template <int rows, class W>
HWY_INLINE void strip_of_outputs(const FewRows<W>& call, int64_t begin, int64_t end) {
  for (int r = 0; r < rows; ++r) {
    for (int64_t o = begin; o < end; ++o)
      call.y[r * call.out + o] = call.bias == nullptr ? 0.0f : call.bias[o];
  }
  int64_t in = 0;
  for (; in + 4 <= call.in; in += 4)
    for_each(begin, end, [&](auto d, int64_t o) { add_inputs<rows, 4>(d, call, in, o); });
  for (; in < call.in; ++in)
    for_each(begin, end, [&](auto d, int64_t o) { add_inputs<rows, 1>(d, call, in, o); });
}

// W [out, in]: each output is a sum along its own row of the weight.
template <int rows, class W>
HWY_INLINE void rows_of_outputs(const FewRows<W>& call, int64_t begin, int64_t end) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t o = begin; o < end; ++o) {
    const W* weight = call.weight + o * call.in;
    const float* x = call.x;
    hn::Vec<Floats> sum[2][rows];
    for (int r = 0; r < rows; ++r) sum[0][r] = sum[1][r] = hn::Zero(d);
    int64_t i = 0;
    for (; i + 2 * lanes <= call.in; i += 2 * lanes) {
      HWY_UNROLL(2)
      for (int half = 0; half < 2; ++half) {
        const auto w = load(d, weight + i + half * lanes);
        HWY_UNROLL(8)
        for (int r = 0; r < rows; ++r)
          sum[half][r] = hn::MulAdd(w, hn::LoadU(d, x + r * call.in + i + half * lanes), sum[half][r]);
      }
    }
    for (int r = 0; r < rows; ++r) {
      float total = hn::GetLane(hn::SumOfLanes(d, hn::Add(sum[0][r], sum[1][r])));
      const OneFloat one;
      for (int64_t rest = i; rest < call.in; ++rest)
        total += hn::GetLane(load(one, weight + rest)) * x[r * call.in + rest];
      call.y[r * call.out + o] = total + (call.bias == nullptr ? 0.0f : call.bias[o]);
    }
  }
}

template <int rows, class W>
void multiply_rows(const FewRows<W>& call, int64_t begin, int64_t end) {
  if (!call.in_out) return rows_of_outputs<rows>(call, begin, end);
  constexpr int64_t strip = 4096 / rows;  // 16 KiB of outputs
  for (int64_t from = begin; from < end; from += strip)
    strip_of_outputs<rows>(call, from, HWY_MIN(from + strip, end));
}

template <class W>
void multiply(const FewRows<W>& call, int64_t begin, int64_t end) {
  switch (call.rows) {
    case 1: return multiply_rows<1>(call, begin, end);
    case 2: return multiply_rows<2>(call, begin, end);
    case 3: return multiply_rows<3>(call, begin, end);
    case 4: return multiply_rows<4>(call, begin, end);
    case 5: return multiply_rows<5>(call, begin, end);
    case 6: return multiply_rows<6>(call, begin, end);
    case 7: return multiply_rows<7>(call, begin, end);
    default: return multiply_rows<8>(call, begin, end);
  }
}

}  // namespace

void fill_few_rows_kernels(Kernels& kernels) {
  kernels.few_rows = {.multiply = multiply<float>};
  kernels.few_rows_bf16 = {.multiply = multiply<bfloat16>};
}
#else
void fill_few_rows_kernels(Kernels&) {}
#endif

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peft::simd {

HWY_EXPORT(fill_few_rows_kernels);
void fill_few_rows_kernels(Kernels& kernels) {
  HWY_DYNAMIC_DISPATCH(fill_few_rows_kernels)(kernels);
}

}  // namespace peft::simd
#endif
