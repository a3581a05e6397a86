// The inner loops of the hot operations, compiled for several instruction sets and chosen when the program
// runs.
//
// Plain pointers and one thread: callers check types and shapes and split the work. Rows are contiguous; a
// matrix is given by its first row and the distance between rows, in elements. Everything is computed in
// float32; bfloat16 is a form of storage only.
#pragma once

#include <cstdint>

namespace peft::simd {

using bfloat16 = uint16_t;  // its bits

// y = (x − mean) · rstd · weight + bias (Ba et al. 2016, arXiv:1607.06450). Where there is `added`, it is
// first added to x.
template <class T>
struct LayerNorm {
  const float* x;
  const T* added;  // or null
  float* sum;      // written: x + added; null without it
  const float* weight;
  const float* bias;
  T* y;
  float* mean;  // written, one a row
  float* rstd;  // written: 1 / sqrt(variance + epsilon)
  int64_t width;
  float epsilon;
};

// The gradient of x alone, and of what was added: weight and bias are frozen.
template <class T>
struct LayerNormBackward {
  const T* gradient;
  const float* of_sum;  // the gradient of the sum beside the norm's, or null
  const float* x;       // the sum, where something was added
  const float* weight;
  const float* mean;
  const float* rstd;
  float* x_gradient;  // written
  T* added_gradient;  // written: the same in T; or null
  int64_t width;
};

// y = x · rstd · weight (Zhang and Sennrich 2019, arXiv:1910.07467), `added` as above.
template <class T>
struct RmsNorm {
  const float* x;
  const T* added;  // or null
  float* sum;      // written: x + added; null without it
  const float* weight;
  T* y;
  float* rstd;  // written, one a row: 1 / sqrt(mean(x²) + epsilon)
  int64_t width;
  float epsilon;
};

// As LayerNormBackward.
template <class T>
struct RmsNormBackward {
  const T* gradient;
  const float* of_sum;  // or null
  const float* x;
  const float* weight;
  const float* rstd;
  float* x_gradient;  // written
  T* added_gradient;  // written: the same in T; or null
  int64_t width;
};

// The gradients of silu(gate) · x.
template <class T>
struct SwigluBackward {
  const T* gradient;
  const T* gate;
  const T* x;
  T* gate_gradient;  // written
  T* x_gradient;     // written
};

// Of each head of each row, features i and i + half are turned by the row's angle i, or back. Heads of a row
// lie side by side; y is dense.
template <class T>
struct Rotary {
  const T* x;
  int64_t stride;        // between rows of x
  const float* cosines;  // [rows, half]
  const float* sines;    // [rows, half]
  T* y;                  // written
  int64_t heads;
  int64_t half;
  bool back;
};

// −log softmax(logits)[target] of each row; the logits become the gradient of that by them, softmax − onehot,
// where `gradient` is set.
template <class T>
struct SoftmaxLoss {
  T* logits;
  const int64_t* targets;
  float* losses;  // written, one a row
  int64_t width;
  bool gradient;
};

// y = x · (0 or `kept`): element j of a row is dropped where lane j % 4 of block j / 4 of the row's stream is
// below `threshold` (see peft/random.h).
template <class T>
struct Dropout {
  const T* x;
  T* y;
  const uint64_t* streams;  // RandomStream::key() of each row
  int64_t width;
  uint32_t threshold;
  float kept;
};

// Operations on rows begin … end-1, or elements begin … end-1.
template <class T>
struct RowKernels {
  void (*layer_norm)(const LayerNorm<T>&, int64_t begin, int64_t end);
  void (*layer_norm_backward)(const LayerNormBackward<T>&, int64_t begin, int64_t end);
  void (*softmax_loss)(const SoftmaxLoss<T>&, int64_t begin, int64_t end);
  void (*dropout)(const Dropout<T>&, int64_t begin, int64_t end);
  // x · Φ̃(x), the tanh form (Hendrycks and Gimpel 2016, arXiv:1606.08415).
  void (*gelu_tanh)(const T* x, T* y, int64_t begin, int64_t end);
  void (*gelu_tanh_backward)(const T* x, const T* gradient, T* x_gradient, int64_t begin, int64_t end);
};

// The same of what younger decoders have: RMS norm, rotary positions, gates.
template <class T>
struct DecoderRowKernels {
  void (*rms_norm)(const RmsNorm<T>&, int64_t begin, int64_t end);
  void (*rms_norm_backward)(const RmsNormBackward<T>&, int64_t begin, int64_t end);
  void (*rotary)(const Rotary<T>&, int64_t begin, int64_t end);
  // silu(gate) · x (Shazeer 2020, arXiv:2002.05202).
  void (*swiglu)(const T* gate, const T* x, T* y, int64_t begin, int64_t end);
  void (*swiglu_backward)(const SwigluBackward<T>&, int64_t begin, int64_t end);
};

// Rows of one head: row i begins at data + i · stride and has head_size elements.
template <class T>
struct HeadRows {
  T* data;
  int64_t stride;
};

// One head of one sequence. Query i sees all `front` keys that stand in front, and its own keys up to
// i + keys − queries where causal, else all of them: so key j stands at place j, those in front first, and
// query i at front + keys − queries + i.
struct AttentionShape {
  int64_t queries;
  int64_t keys;   // own
  int64_t front;  // learned, in front
  int64_t head_size;
  float scale;
  bool causal;
  // by_lag[l], l from 1 − front − keys (−63 where causal) to front + keys + 63, is added to the scaled score
  // where the query's place less the key's is l; null: nothing is.
  const float* by_lag;
};

template <class T>
struct AttentionForward {
  AttentionShape shape;
  HeadRows<const T> q, k, v;
  HeadRows<const float> front_k, front_v;
  HeadRows<T> out;       // written
  float* log_sum;        // written: log Σ exp(scaled score), one a query
  int64_t log_sum_step;  // distance between them
};

template <class T>
struct AttentionBackward {
  AttentionShape shape;
  HeadRows<const T> q, k, v;
  HeadRows<const float> front_k, front_v;
  HeadRows<const T> out, out_gradient;
  const float* log_sum;
  int64_t log_sum_step;
  HeadRows<T> q_gradient;                              // written
  HeadRows<T> k_gradient, v_gradient;                  // written where `first_of_group`, else added to
  HeadRows<float> front_k_gradient, front_v_gradient;  // the same; null where front is 0
  bool first_of_group;  // query heads that share a key/value head run one after the other
  float* lag_gradient;  // added to, as by_lag; null: not wanted
};

template <class T>
struct AttentionKernels {
  // Floats of working memory for a call of this shape.
  int64_t (*forward_scratch)(const AttentionShape&);
  int64_t (*backward_scratch)(const AttentionShape&);
  void (*forward)(const AttentionForward<T>&, float* scratch);
  void (*backward)(const AttentionBackward<T>&, float* scratch);
  // A few queries against many keys, without copies of the keys: what decoding does. Nothing in front, no
  // `log_sum`.
  void (*decode)(const AttentionForward<T>&, float* scratch);
};

// y [rows, out] = x [rows, in] Wᵀ for few rows: as fast as W can be read, which is once. W as it lies in
// memory: `in_out` [in, out], else [out, in]; outputs begin … end-1. A row of y does not depend on the rows
// beside it.
template <class W>
struct FewRows {
  const float* x;
  const W* weight;
  const W* bias;  // or null
  float* y;
  int64_t rows;
  int64_t in;
  int64_t out;
  bool in_out;
};

template <class W>
struct FewRowsKernels {
  void (*multiply)(const FewRows<W>&, int64_t begin, int64_t end);
};

// The products of a low-rank update: activations x [rows, width], `stride` elements from row to row, with a
// panel [rank, width] and inner [rows, rank], both dense.
template <class T>
struct LowRank {
  T* x;
  int64_t stride;
  float* panel;
  float* inner;
  int64_t rows;
  int64_t width;
  int64_t rank;
};

template <class T>
struct LowRankKernels {
  void (*shrink)(const LowRank<T>&, int64_t begin, int64_t end);  // inner = x panelᵀ, rows begin … end-1
  void (*expand)(const LowRank<T>&, int64_t begin, int64_t end);  // x += inner panel, rows begin … end-1
  void (*gather)(const LowRank<T>&, int64_t begin, int64_t end);  // panel = innerᵀ x, columns begin … end-1
};

struct Kernels {
  const char* target;  // "AVX3"
  RowKernels<float> rows;
  RowKernels<bfloat16> rows_bf16;
  DecoderRowKernels<float> decoder_rows;
  DecoderRowKernels<bfloat16> decoder_rows_bf16;
  AttentionKernels<float> attention;
  AttentionKernels<bfloat16> attention_bf16;
  FewRowsKernels<float> few_rows;
  FewRowsKernels<bfloat16> few_rows_bf16;
  LowRankKernels<float> low_rank;
  LowRankKernels<bfloat16> low_rank_bf16;

  template <class T>
  const RowKernels<T>& rows_of() const {
    if constexpr (sizeof(T) == 4)
      return rows;
    else
      return rows_bf16;
  }
  template <class T>
  const DecoderRowKernels<T>& decoder_rows_of() const {
    if constexpr (sizeof(T) == 4)
      return decoder_rows;
    else
      return decoder_rows_bf16;
  }
  template <class T>
  const AttentionKernels<T>& attention_of() const {
    if constexpr (sizeof(T) == 4)
      return attention;
    else
      return attention_bf16;
  }
  template <class W>
  const FewRowsKernels<W>& few_rows_of() const {
    if constexpr (sizeof(W) == 4)
      return few_rows;
    else
      return few_rows_bf16;
  }
  template <class T>
  const LowRankKernels<T>& low_rank_of() const {
    if constexpr (sizeof(T) == 4)
      return low_rank;
    else
      return low_rank_bf16;
  }
};

// For the best instruction set this processor has, or at most AVX2.
Kernels best_kernels(bool at_most_avx2);

}  // namespace peft::simd
