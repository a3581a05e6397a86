// Operations on rows of activations: layer norm, GELU, the softmax of the loss.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/rows.cpp"
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
void layer_norm(const LayerNorm<T>& norm, int64_t begin, int64_t end) {
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
    const float mean = share * sum_over(width, [&](auto d, int64_t i) { return load(d, x + i); });
    const float variance = share * sum_over(width, [&](auto d, int64_t i) {
                             const auto centred = hn::Sub(load(d, x + i), hn::Set(d, mean));
                             return hn::Mul(centred, centred);
                           });
    const float rstd = 1.0f / std::sqrt(variance + norm.epsilon);
    for_each(0, width, [&](auto d, int64_t i) {
      const auto normed = hn::Mul(hn::Sub(load(d, x + i), hn::Set(d, mean)), hn::Set(d, rstd));
      store(d, hn::MulAdd(normed, load(d, norm.weight + i), load(d, norm.bias + i)), y + i);
    });
    norm.mean[row] = mean;
    norm.rstd[row] = rstd;
  }
}

// With x̂ = (x − mean) · rstd and w = weight · gradient: rstd · (w − mean(w) − x̂ · mean(w · x̂)).
template <class T>
void layer_norm_backward(const LayerNormBackward<T>& norm, int64_t begin, int64_t end) {
  const auto width = norm.width;
  const float share = 1.0f / static_cast<float>(width);
  for (int64_t row = begin; row < end; ++row) {
    const float* x = norm.x + row * width;
    const T* gradient = norm.gradient + row * width;
    float* x_gradient = norm.x_gradient + row * width;
    const float mean = norm.mean[row];
    const float rstd = norm.rstd[row];
    const auto weighted = [&](auto d, int64_t i) {
      return hn::Mul(load(d, gradient + i), load(d, norm.weight + i));
    };
    const auto normed = [&](auto d, int64_t i) {
      return hn::Mul(hn::Sub(load(d, x + i), hn::Set(d, mean)), hn::Set(d, rstd));
    };
    const float mean_weighted = share * sum_over(width, weighted);
    const float mean_product =
        share * sum_over(width, [&](auto d, int64_t i) { return hn::Mul(weighted(d, i), normed(d, i)); });
    for_each(0, width, [&](auto d, int64_t i) {
      const auto centred = hn::Sub(weighted(d, i), hn::Set(d, mean_weighted));
      const auto value = hn::NegMulAdd(normed(d, i), hn::Set(d, mean_product), centred);
      auto of_x = hn::Mul(value, hn::Set(d, rstd));
      if (norm.of_sum != nullptr) of_x = hn::Add(of_x, load(d, norm.of_sum + row * width + i));
      store(d, of_x, x_gradient + i);
      if (norm.added_gradient != nullptr) store(d, of_x, norm.added_gradient + row * width + i);
    });
  }
}

// Φ̃(x) = ½ (1 + tanh u) = 1 / (1 + exp(−2u)), u = √(2/π) (x + 0.044715 x³).
constexpr float two_sqrt_2_over_pi = 1.5957691216057308f;
constexpr float cubic = 0.044715f;

template <class D>
HWY_INLINE hn::Vec<D> gate(D d, hn::Vec<D> x) {
  const auto inner = hn::MulAdd(hn::Mul(x, x), hn::Set(d, cubic), hn::Set(d, 1.0f));
  const auto exponent = hn::Mul(hn::Mul(x, inner), hn::Set(d, -two_sqrt_2_over_pi));
  const auto one = hn::Set(d, 1.0f);
  return hn::Div(one, hn::Add(one, hn::Exp(d, hn::Min(exponent, hn::Set(d, 88.0f)))));
}

template <class T>
void gelu_tanh(const T* x, T* y, int64_t begin, int64_t end) {
  for_each(begin, end, [&](auto d, int64_t i) {
    const auto value = load(d, x + i);
    store(d, hn::Mul(value, gate(d, value)), y + i);
  });
}

template <class T>
void gelu_tanh_backward(const T* x, const T* gradient, T* x_gradient, int64_t begin, int64_t end) {
  for_each(begin, end, [&](auto d, int64_t i) {
    const auto value = load(d, x + i);
    const auto open = gate(d, value);
    const auto slope = hn::Mul(hn::Set(d, two_sqrt_2_over_pi),
                               hn::MulAdd(hn::Mul(value, value), hn::Set(d, 3.0f * cubic), hn::Set(d, 1.0f)));
    // d gate / dx = gate (1 − gate) · slope
    const auto change = hn::Mul(hn::Mul(value, open), hn::Sub(hn::Set(d, 1.0f), open));
    store(d, hn::Mul(load(d, gradient + i), hn::MulAdd(change, slope, open)), x_gradient + i);
  });
}

template <class T>
void softmax_loss(const SoftmaxLoss<T>& loss, int64_t begin, int64_t end) {
  const auto width = loss.width;
  for (int64_t row = begin; row < end; ++row) {
    T* logits = loss.logits + row * width;
    const int64_t target = loss.targets[row];
    const OneFloat one;
    const float of_target = hn::GetLane(load(one, logits + target));
    const float largest = max_over(width, [&](auto d, int64_t i) { return load(d, logits + i); });
    const float sum = sum_over(width, [&](auto d, int64_t i) {
      return hn::Exp(d, hn::Sub(load(d, logits + i), hn::Set(d, largest)));
    });
    const float log_sum = largest + std::log(sum);
    loss.losses[row] = log_sum - of_target;
    if (!loss.gradient) continue;
    for_each(0, width, [&](auto d, int64_t i) {
      store(d, hn::Exp(d, hn::Sub(load(d, logits + i), hn::Set(d, log_sum))), logits + i);
    });
    const float probability = std::exp(of_target - log_sum);
    store(one, hn::Set(one, probability - 1.0f), logits + target);
  }
}

// Philox 4x32-10 of the blocks first, first + 1, … (see philox in peft/random.h), a lane a block: the four
// words of each.
template <class D>
struct Blocks {
  hn::Vec<D> word[4];
};

template <class D>
HWY_INLINE Blocks<D> philox(D d, uint64_t stream, uint32_t first) {
  const hn::Repartition<uint64_t, D> wide;
  const auto odd_to_even = [&](hn::Vec<D> x) {
    return hn::BitCast(d, hn::ShiftRight<32>(hn::BitCast(wide, x)));
  };
  const auto high_of = [&](hn::Vec<D> a, hn::Vec<D> b) {
    const auto even = hn::BitCast(d, hn::MulEven(a, b));
    const auto odd = hn::BitCast(d, hn::MulEven(odd_to_even(a), odd_to_even(b)));
    return hn::OddEven(odd, odd_to_even(even));
  };
  hn::Vec<D> c0 = hn::Iota(d, first);
  hn::Vec<D> c1 = hn::Zero(d);
  hn::Vec<D> c2 = hn::Zero(d);
  hn::Vec<D> c3 = hn::Zero(d);
  auto key0 = static_cast<uint32_t>(stream);
  auto key1 = static_cast<uint32_t>(stream >> 32);
  const auto factor0 = hn::Set(d, 0xd2511f53u);
  const auto factor1 = hn::Set(d, 0xcd9e8d57u);
  for (int round = 0; round < 10; ++round) {
    const auto high0 = high_of(factor0, c0);
    const auto low0 = hn::Mul(factor0, c0);
    const auto high1 = high_of(factor1, c2);
    const auto low1 = hn::Mul(factor1, c2);
    c0 = hn::Xor(hn::Xor(high1, c1), hn::Set(d, key0));
    c1 = low1;
    c2 = hn::Xor(hn::Xor(high0, c3), hn::Set(d, key1));
    c3 = low0;
    key0 += 0x9e3779b9u;
    key1 += 0xbb67ae85u;
  }
  return {{c0, c1, c2, c3}};
}

template <class T>
void dropout(const Dropout<T>& drop, int64_t begin, int64_t end) {
  const hn::ScalableTag<uint32_t> bits;
  constexpr size_t most = hn::MaxLanes(Floats());
  const auto lanes = static_cast<int64_t>(hn::Lanes(bits));
  HWY_ALIGN uint32_t words[4 * most];
  for (int64_t row = begin; row < end; ++row) {
    const T* x = drop.x + row * drop.width;
    T* y = drop.y + row * drop.width;
    for (int64_t first = 0; first < drop.width; first += 4 * lanes) {
      const auto blocks = philox(bits, drop.streams[row], static_cast<uint32_t>(first / 4));
      hn::StoreInterleaved4(blocks.word[0], blocks.word[1], blocks.word[2], blocks.word[3], bits, words);
      const int64_t count = HWY_MIN(4 * lanes, drop.width - first);
      const auto keep = [&](auto d, int64_t j) {
        const hn::RebindToUnsigned<decltype(d)> as_bits;
        const auto kept = hn::Not(hn::Lt(hn::LoadU(as_bits, words + j), hn::Set(as_bits, drop.threshold)));
        const auto value = hn::Mul(load(d, x + first + j), hn::Set(d, drop.kept));
        store(d, hn::IfThenElseZero(hn::RebindMask(d, kept), value), y + first + j);
      };
      for_each(0, count, keep);
    }
  }
}

template <class T>
RowKernels<T> table() {
  return {.layer_norm = layer_norm<T>,
          .layer_norm_backward = layer_norm_backward<T>,
          .softmax_loss = softmax_loss<T>,
          .dropout = dropout<T>,
          .gelu_tanh = gelu_tanh<T>,
          .gelu_tanh_backward = gelu_tanh_backward<T>};
}

}  // namespace

void fill_row_kernels(Kernels& kernels) {
  kernels.target = hwy::TargetName(HWY_TARGET);
  kernels.rows = table<float>();
  kernels.rows_bf16 = table<bfloat16>();
}
#else
void fill_row_kernels(Kernels&) {}
#endif

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peft::simd {

HWY_EXPORT(fill_row_kernels);
void fill_row_kernels(Kernels& kernels) {
  HWY_DYNAMIC_DISPATCH(fill_row_kernels)(kernels);
}

}  // namespace peft::simd
#endif
