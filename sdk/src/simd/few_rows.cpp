// A linear of a few rows: what decoding does with every weight, as fast as the weight can be read.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/few_rows.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>
// After the above: they compile for each instruction set.
#include <type_traits>

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

// Inputs of an [in, out] weight, or outputs of an [out, in] one, that are read before those after them. The
// hardware fetches ahead only within a page, so what comes next is asked for here.
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
  for (int v = 0; v < vectors; ++v) {
    const int64_t at = o + v * lanes;
    const auto bias = call.bias == nullptr ? hn::Zero(d) : load(d, call.bias + at);
    HWY_UNROLL(8)
    for (int r = 0; r < rows; ++r) sum[r][v] = first == 0 ? bias : hn::LoadU(d, call.y + r * call.out + at);
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

// Inputs first … last-1 are added to outputs begin … end-1.
template <int rows, class W>
void by_inputs(const FewRows<W>& call, int64_t first, int64_t last, int64_t begin, int64_t end) {
  constexpr int vectors = outputs_beside<rows>();
  const Floats d;
  const int64_t step = vectors * static_cast<int64_t>(hn::Lanes(d));
  int64_t o = begin;
  for (; o + step <= end; o += step) add_inputs<rows, vectors>(d, call, first, last, o);
  for_each(o, end, [&](auto tag, int64_t rest) { add_inputs<rows, 1>(tag, call, first, last, rest); });
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
      if (call.bias != nullptr) total += hn::GetLane(load(one, call.bias + o + k));
      call.y[r * call.out + o + k] = total;
    }
  }
}

template <int rows, class W>
void by_outputs(const FewRows<W>& call, int64_t begin, int64_t end) {
  constexpr int outputs = outputs_beside<rows>();
  int64_t o = begin;
  for (; o + outputs <= end; o += outputs) sum_outputs<rows, outputs>(call, o);
  for (; o < end; ++o) sum_outputs<rows, 1>(call, o);
}

// Calls f(rows, call) with eight rows at a time and those that are left: `rows` is a constant.
template <class W, class F>
HWY_INLINE void for_each_group(const FewRows<W>& call, const F& f) {
  FewRows<W> group = call;
  for (int64_t done = 0; done < call.rows; done += 8) {
    group.x = call.x + done * call.in;
    group.y = call.y + done * call.out;
    group.rows = HWY_MIN(8, call.rows - done);
    switch (group.rows) {
      case 1: f(std::integral_constant<int, 1>(), group); break;
      case 2: f(std::integral_constant<int, 2>(), group); break;
      case 3: f(std::integral_constant<int, 3>(), group); break;
      case 4: f(std::integral_constant<int, 4>(), group); break;
      case 5: f(std::integral_constant<int, 5>(), group); break;
      case 6: f(std::integral_constant<int, 6>(), group); break;
      case 7: f(std::integral_constant<int, 7>(), group); break;
      default: f(std::integral_constant<int, 8>(), group); break;
    }
  }
}

// A part of the weight that stays in the second cache is multiplied with all rows before the next one is
// read.
template <class W>
void multiply(const FewRows<W>& call, int64_t begin, int64_t end) {
  if (call.in_out) {
    for (int64_t first = 0; first < call.in; first += panel) {
      const int64_t last = HWY_MIN(first + panel, call.in);
      for_each_group(call, [&](auto rows, const FewRows<W>& group) {
        by_inputs<decltype(rows)::value>(group, first, last, begin, end);
      });
    }
  } else {
    for (int64_t o = begin; o < end; o += panel) {
      for_each_group(call, [&](auto rows, const FewRows<W>& group) {
        by_outputs<decltype(rows)::value>(group, o, HWY_MIN(o + panel, end));
      });
    }
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
