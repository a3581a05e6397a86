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

// Each sum is added up by its inputs in their order, however many rows and outputs are computed side by side:
// a row's result does not depend on the rows beside it.

// How many sums of each row the registers hold.
template <int rows>
constexpr int outputs_beside() {
  return rows == 1 ? 8 : HWY_MAX(1, HWY_MIN(8, register_sums / rows));
}

// Inputs of an [in, out] weight that are read side by side. The hardware fetches ahead only within a page, so
// what the next inputs need is asked for here.
constexpr int64_t panel = 32;

// Into the second cache: the nearest is too small for it.
template <class W>
HWY_INLINE void fetch_ahead(const W* weight) {
  __builtin_prefetch(weight, 0, 2);
}

// W [in, out]: inputs first … last-1 are added to `vectors` of outputs from `o` on.
template <int rows, int vectors, class W, class D>
HWY_INLINE void add_inputs(D d, const FewRows<W>& call, int64_t first, int64_t last, int64_t o) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> sum[rows][vectors];
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) {
    HWY_UNROLL(8)
    for (int v = 0; v < vectors; ++v) {
      const float* start = first > 0 ? call.y + r * call.out : call.bias;
      sum[r][v] = start == nullptr ? hn::Zero(d) : hn::LoadU(d, start + o + v * lanes);
    }
  }
  for (int64_t i = first; i < last; ++i) {
    const W* weight = call.weight + i * call.out + o;
    hn::Vec<D> w[vectors];
    HWY_UNROLL(8)
    for (int v = 0; v < vectors; ++v) {
      w[v] = load(d, weight + v * lanes);
      fetch_ahead(weight + panel * call.out + v * lanes);
    }
    HWY_UNROLL(8)
    for (int r = 0; r < rows; ++r) {
      const auto x = hn::Set(d, call.x[r * call.in + i]);
      HWY_UNROLL(8)
      for (int v = 0; v < vectors; ++v) sum[r][v] = hn::MulAdd(x, w[v], sum[r][v]);
    }
  }
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) {
    HWY_UNROLL(8)
    for (int v = 0; v < vectors; ++v) hn::StoreU(sum[r][v], d, call.y + r * call.out + o + v * lanes);
  }
}

template <int rows, class W>
HWY_INLINE void by_inputs(const FewRows<W>& call, int64_t begin, int64_t end) {
  constexpr int vectors = outputs_beside<rows>();
  const Floats d;
  const int64_t step = vectors * static_cast<int64_t>(hn::Lanes(d));
  for (int64_t first = 0; first < call.in; first += panel) {
    const int64_t last = HWY_MIN(first + panel, call.in);
    int64_t o = begin;
    for (; o + step <= end; o += step) add_inputs<rows, vectors>(d, call, first, last, o);
    for_each(o, end, [&](auto tag, int64_t rest) { add_inputs<rows, 1>(tag, call, first, last, rest); });
  }
}

// W [out, in]: `outputs` sums along their own rows of the weight.
template <int rows, int outputs, class W>
HWY_INLINE void sum_outputs(const FewRows<W>& call, int64_t o) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const W* weight = call.weight + o * call.in;
  hn::Vec<Floats> sum[rows][outputs];
  HWY_UNROLL(8)
  for (int r = 0; r < rows; ++r) {
    HWY_UNROLL(8)
    for (int k = 0; k < outputs; ++k) sum[r][k] = hn::Zero(d);
  }
  int64_t i = 0;
  for (; i + lanes <= call.in; i += lanes) {
    hn::Vec<Floats> w[outputs];
    HWY_UNROLL(8)
    for (int k = 0; k < outputs; ++k) {
      w[k] = load(d, weight + k * call.in + i);
      fetch_ahead(weight + (outputs + k) * call.in + i);
    }
    HWY_UNROLL(8)
    for (int r = 0; r < rows; ++r) {
      const auto x = hn::LoadU(d, call.x + r * call.in + i);
      HWY_UNROLL(8)
      for (int k = 0; k < outputs; ++k) sum[r][k] = hn::MulAdd(x, w[k], sum[r][k]);
    }
  }
  const OneFloat one;
  for (int r = 0; r < rows; ++r) {
    for (int k = 0; k < outputs; ++k) {
      float total = hn::GetLane(hn::SumOfLanes(d, sum[r][k]));
      for (int64_t rest = i; rest < call.in; ++rest)
        total += hn::GetLane(load(one, weight + k * call.in + rest)) * call.x[r * call.in + rest];
      call.y[r * call.out + o + k] = total + (call.bias == nullptr ? 0.0f : call.bias[o + k]);
    }
  }
}

template <int rows, class W>
HWY_INLINE void by_outputs(const FewRows<W>& call, int64_t begin, int64_t end) {
  constexpr int outputs = outputs_beside<rows>();
  int64_t o = begin;
  for (; o + outputs <= end; o += outputs) sum_outputs<rows, outputs>(call, o);
  for (; o < end; ++o) sum_outputs<rows, 1>(call, o);
}

template <int rows, class W>
void multiply_rows(const FewRows<W>& call, int64_t begin, int64_t end) {
  return call.in_out ? by_inputs<rows>(call, begin, end) : by_outputs<rows>(call, begin, end);
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
