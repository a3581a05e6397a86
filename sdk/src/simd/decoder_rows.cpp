// Operations on rows of younger decoders: RMS norm, rotary positions, SwiGLU.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/decoder_rows.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>
// After the above: they compile for each instruction set.
#include <hwy/contrib/math/math-inl.h>

#include <cmath>

#include "simd/parts.h"
#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace peft::simd::HWY_NAMESPACE {
#if PEFT_SIMD_HAS_VECTORS
namespace {

template <class T>
void rms_norm(const RmsNorm<T>& norm, int64_t begin, int64_t end) {
  const auto width = norm.width;
  const float share = 1.0f / static_cast<float>(width);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = norm.x + row * width;
    T* y = norm.y + row * width;
    if (norm.added != nullptr) {
      float* sum = norm.sum + row * width;
      for_each(0, width, [&](auto d, int64_t i) {
        store(d, hn::Add(load(d, x + i), load(d, norm.added + row * width + i)), sum + i);
      });
      x = sum;
    }
    const float mean_square = share * sum_over(width, [&](auto d, int64_t i) {
                                const auto value = load(d, x + i);
                                return hn::Mul(value, value);
                              });
    const float rstd = 1.0f / std::sqrt(mean_square + norm.epsilon);
    for_each(0, width, [&](auto d, int64_t i) {
      const auto normed = hn::Mul(load(d, x + i), hn::Set(d, rstd));
      store(d, hn::Mul(normed, load(d, norm.weight + i)), y + i);
    });
    norm.rstd[row] = rstd;
  }
}

// With x̂ = x · rstd and w = weight · gradient: rstd · (w − x̂ · mean(w · x̂)).
template <class T>
void rms_norm_backward(const RmsNormBackward<T>& norm, int64_t begin, int64_t end) {
  const auto width = norm.width;
  const float share = 1.0f / static_cast<float>(width);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = norm.x + row * width;
    const T* gradient = norm.gradient + row * width;
    float* x_gradient = norm.x_gradient + row * width;
    const float rstd = norm.rstd[row];
    const auto weighted = [&](auto d, int64_t i) {
      return hn::Mul(load(d, gradient + i), load(d, norm.weight + i));
    };
    const auto normed = [&](auto d, int64_t i) { return hn::Mul(load(d, x + i), hn::Set(d, rstd)); };
    const float mean_product =
        share * sum_over(width, [&](auto d, int64_t i) { return hn::Mul(weighted(d, i), normed(d, i)); });
    for_each(0, width, [&](auto d, int64_t i) {
      const auto value = hn::NegMulAdd(normed(d, i), hn::Set(d, mean_product), weighted(d, i));
      auto of_x = hn::Mul(value, hn::Set(d, rstd));
      if (norm.of_sum != nullptr) of_x = hn::Add(of_x, load(d, norm.of_sum + row * width + i));
      store(d, of_x, x_gradient + i);
      if (norm.added_gradient != nullptr) store(d, of_x, norm.added_gradient + row * width + i);
    });
  }
}

template <class T>
void rotary(const Rotary<T>& turn, int64_t begin, int64_t end) {
  const auto half = turn.half;
  for (int64_t row = begin; row < end; ++row) {
    const float* cosines = turn.cosines + row * half;
    const float* sines = turn.sines + row * half;
    for (int64_t head = 0; head < turn.heads; ++head) {
      const T* x = turn.x + row * turn.stride + head * 2 * half;
      T* y = turn.y + (row * turn.heads + head) * 2 * half;
      for_each(0, half, [&](auto d, int64_t i) {
        const auto first = load(d, x + i);
        const auto second = load(d, x + half + i);
        const auto cosine = load(d, cosines + i);
        const auto forward = load(d, sines + i);
        const auto sine = turn.back ? hn::Neg(forward) : forward;
        store(d, hn::NegMulAdd(second, sine, hn::Mul(first, cosine)), y + i);
        store(d, hn::MulAdd(first, sine, hn::Mul(second, cosine)), y + half + i);
      });
    }
  }
}

// σ(x) = 1 / (1 + exp(−x)).
template <class D>
HWY_INLINE hn::Vec<D> sigmoid(D d, hn::Vec<D> x) {
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(hn::Neg(x), hn::Set(d, 88.0f)))));
}

template <class T>
void swiglu(const T* gate, const T* x, T* y, int64_t begin, int64_t end) {
  for_each(begin, end, [&](auto d, int64_t i) {
    const auto value = load(d, gate + i);
    store(d, hn::Mul(hn::Mul(value, sigmoid(d, value)), load(d, x + i)), y + i);
  });
}

// d silu(g) / dg = σ(g) (1 + g (1 − σ(g))).
template <class T>
void swiglu_backward(const SwigluBackward<T>& of, int64_t begin, int64_t end) {
  for_each(begin, end, [&](auto d, int64_t i) {
    const auto gradient = load(d, of.gradient + i);
    const auto gate = load(d, of.gate + i);
    const auto open = sigmoid(d, gate);
    const auto one = hn::Set(d, 1.0f);
    const auto slope = hn::Mul(open, hn::MulAdd(gate, hn::Sub(one, open), one));
    store(d, hn::Mul(gradient, hn::Mul(load(d, of.x + i), slope)), of.gate_gradient + i);
    store(d, hn::Mul(gradient, hn::Mul(gate, open)), of.x_gradient + i);
  });
}

template <class T>
DecoderRowKernels<T> table() {
  return {.rms_norm = rms_norm<T>,
          .rms_norm_backward = rms_norm_backward<T>,
          .rotary = rotary<T>,
          .swiglu = swiglu<T>,
          .swiglu_backward = swiglu_backward<T>};
}

}  // namespace

void fill_decoder_row_kernels(Kernels& kernels) {
  kernels.decoder_rows = table<float>();
  kernels.decoder_rows_bf16 = table<bfloat16>();
}
#else
void fill_decoder_row_kernels(Kernels&) {}
#endif

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peft::simd {

HWY_EXPORT(fill_decoder_row_kernels);
void fill_decoder_row_kernels(Kernels& kernels) {
  HWY_DYNAMIC_DISPATCH(fill_decoder_row_kernels)(kernels);
}

}  // namespace peft::simd
#endif
