// Scaled dot-product attention of one head over one sequence, keys and values in front included, in blocks of
// queries: scores exist for one block only (Dao et al. 2022, arXiv:2205.14135, for the backward pass from the
// log-sum alone).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "simd/attention.cpp"
#include <hwy/foreach_target.h>
//
#include <hwy/highway.h>
// After the above: they compile for each instruction set.
#include <hwy/contrib/math/math-inl.h>

#include <cmath>

#include "simd/parts.h"
#include "simd/tiles-inl.h"
#include "simd/vectors-inl.h"

HWY_BEFORE_NAMESPACE();
namespace peft::simd::HWY_NAMESPACE {
#if PEFT_SIMD_HAS_VECTORS
namespace {

constexpr int64_t block_queries = 64;

int64_t padded(int64_t count) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(Floats()));
  return (count + lanes - 1) / lanes * lanes;
}

// Hands out the scratch memory.
struct Scratch {
  float* next;
  float* take(int64_t count) {
    float* taken = next;
    next += count;
    return taken;
  }
};

int64_t all_keys(const AttentionShape& shape) {
  return shape.front + shape.keys;
}

// How many keys, those in front counted, query i sees.
int64_t visible(const AttentionShape& shape, int64_t query) {
  return shape.causal ? shape.front + query + 1 + shape.keys - shape.queries : all_keys(shape);
}

template <class T>
HeadRows<T> from_row(HeadRows<T> rows, int64_t first) {
  return {rows.data + first * rows.stride, rows.stride};
}

// [rows, head size], times `scale`, rows padded with zeros to whole vectors.
template <class T>
void copy_rows(HeadRows<T> from, int64_t rows, int64_t size, float scale, float* to) {
  const int64_t step = padded(size);
  for (int64_t i = 0; i < rows; ++i) {
    const auto* row = from.data + i * from.stride;
    for_each(0, size, [&](auto d, int64_t j) {
      store(d, hn::Mul(load(d, row + j), hn::Set(d, scale)), to + i * step + j);
    });
    for (int64_t j = size; j < step; ++j) to[i * step + j] = 0.0f;
  }
}

// Those in front first.
template <class T>
void copy_all(const AttentionShape& shape, HeadRows<const float> front, HeadRows<const T> own, float* to) {
  copy_rows(front, shape.front, shape.head_size, 1.0f, to);
  copy_rows(own, shape.keys, shape.head_size, 1.0f, to + shape.front * padded(shape.head_size));
}

// [rows, step] becomes [size, block_queries].
void transpose(const float* from, int64_t rows, int64_t size, float* to) {
  const int64_t step = padded(size);
  for (int64_t j = 0; j < size; ++j) {
    for (int64_t i = 0; i < rows; ++i) to[j * block_queries + i] = from[i * step + j];
    for (int64_t i = rows; i < padded(rows); ++i) to[j * block_queries + i] = 0.0f;
  }
}

// Some queries, and the keys that the last of them sees.
struct Block {
  int64_t begin;
  int64_t queries;
  int64_t keys;
};

template <class F>
void for_each_block(const AttentionShape& shape, const F& f) {
  for (int64_t begin = 0; begin < shape.queries; begin += block_queries) {
    const int64_t queries = HWY_MIN(block_queries, shape.queries - begin);
    f(Block{begin, queries, visible(shape, begin + queries - 1)});
  }
}

// Scores lie key by key, [keys, block_queries]: a vector holds the scores of neighbouring queries for one
// key. Calls f(tag, first query, keys that all of these queries see).
template <class F>
void for_each_vector(const AttentionShape& shape, const Block& block, const F& f) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  for (int64_t i = 0; i < block.queries; i += lanes) f(d, i, visible(shape, block.begin + i));
}

// Of the queries in a vector, those that see `key`, where the first of them sees `seen` keys.
template <class D>
HWY_INLINE hn::Mask<D> sees(D d, int64_t seen, int64_t key) {
  return hn::Not(hn::FirstN(d, static_cast<size_t>(key + 1 - seen)));
}

// The place of the block's first query.
int64_t first_place(const AttentionShape& shape, const Block& block) {
  return all_keys(shape) - shape.queries + block.begin;
}

// Calls f(tag, element of a score matrix, lag of the first query in the vector).
template <class F>
void for_each_lag(const AttentionShape& shape, const Block& block, const F& f) {
  const Floats d;
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  const int64_t place = first_place(shape, block);
  for (int64_t key = 0; key < block.keys; ++key) {
    for (int64_t i = 0; i < block.queries; i += lanes) f(d, key * block_queries + i, place + i - key);
  }
}

void add_bias(const AttentionShape& shape, const Block& block, float* scores) {
  if (shape.by_lag == nullptr) return;
  for_each_lag(shape, block, [&](auto d, int64_t at, int64_t lag) {
    hn::StoreU(hn::Add(hn::LoadU(d, scores + at), hn::LoadU(d, shape.by_lag + lag)), d, scores + at);
  });
}

// What the scores' gradient is to the bias: a sum over all pairs of one lag.
void gather_bias(const AttentionShape& shape, const Block& block, const float* score_gradient, float* to) {
  if (to == nullptr) return;
  for_each_lag(shape, block, [&](auto d, int64_t at, int64_t lag) {
    hn::StoreU(hn::Add(hn::LoadU(d, to + lag), hn::LoadU(d, score_gradient + at)), d, to + lag);
  });
}

// p = exp(score - shift) where a query sees the key, else 0; returns the sum for each query.
template <class D>
HWY_INLINE hn::Vec<D> exponentials(D d, float* scores, const Block& block, int64_t seen, hn::Vec<D> shift) {
  auto sum = hn::Zero(d);
  for (int64_t key = 0; key < HWY_MIN(seen, block.keys); ++key) {
    float* at = scores + key * block_queries;
    const auto p = hn::Exp(d, hn::Sub(hn::LoadU(d, at), shift));
    sum = hn::Add(sum, p);
    hn::StoreU(p, d, at);
  }
  for (int64_t key = seen; key < block.keys; ++key) {
    float* at = scores + key * block_queries;
    const auto p = hn::IfThenElseZero(sees(d, seen, key), hn::Exp(d, hn::Sub(hn::LoadU(d, at), shift)));
    sum = hn::Add(sum, p);
    hn::StoreU(p, d, at);
  }
  return sum;
}

// The largest score that each query sees.
template <class D>
HWY_INLINE hn::Vec<D> largest_scores(D d, const float* scores, const Block& block, int64_t seen) {
  auto largest = hn::LoadU(d, scores);
  for (int64_t key = 1; key < HWY_MIN(seen, block.keys); ++key)
    largest = hn::Max(largest, hn::LoadU(d, scores + key * block_queries));
  for (int64_t key = seen; key < block.keys; ++key) {
    const auto score = hn::LoadU(d, scores + key * block_queries);
    largest = hn::IfThenElse(sees(d, seen, key), hn::Max(largest, score), largest);
  }
  return largest;
}

int64_t forward_scratch(const AttentionShape& shape) {
  const int64_t size = padded(shape.head_size);
  return 2 * all_keys(shape) * size + block_queries * (all_keys(shape) + 2 * size + 1);
}

template <class T>
void forward(const AttentionForward<T>& call, float* memory) {
  const AttentionShape& shape = call.shape;
  const int64_t size = padded(shape.head_size);
  Scratch scratch{memory};
  float* keys = scratch.take(all_keys(shape) * size);
  float* values = scratch.take(all_keys(shape) * size);
  float* scores = scratch.take(all_keys(shape) * block_queries);
  float* rows = scratch.take(block_queries * size);  // queries, then the output
  float* queries = scratch.take(block_queries * size);
  float* inverse = scratch.take(block_queries);
  copy_all(shape, call.front_k, call.k, keys);
  copy_all(shape, call.front_v, call.v, values);
  for_each_block(shape, [&](const Block& block) {
    copy_rows(from_row(call.q, block.begin), block.queries, shape.head_size, shape.scale, rows);
    transpose(rows, block.queries, shape.head_size, queries);
    multiply({keys, size, 1}, queries, block_queries, scores, block_queries, block.keys,
             padded(block.queries), shape.head_size, false);
    add_bias(shape, block, scores);
    for_each_vector(shape, block, [&](auto d, int64_t first, int64_t seen) {
      float* column = scores + first;
      const auto largest = largest_scores(d, column, block, seen);
      const auto sum = exponentials(d, column, block, seen, largest);
      hn::StoreU(hn::Div(hn::Set(d, 1.0f), sum), d, inverse + first);
      hn::StoreU(hn::Add(largest, hn::Log(d, sum)), d, queries + first);  // the queries are done with
    });
    for (int64_t i = 0; i < block.queries; ++i)
      call.log_sum[(block.begin + i) * call.log_sum_step] = queries[i];
    multiply({scores, 1, block_queries}, values, size, rows, size, block.queries, size, block.keys, false);
    for (int64_t i = 0; i < block.queries; ++i) {
      T* to = call.out.data + (block.begin + i) * call.out.stride;
      for_each(0, shape.head_size, [&](auto d, int64_t j) {
        store(d, hn::Mul(load(d, rows + i * size + j), hn::Set(d, inverse[i])), to + j);
      });
    }
  });
}

int64_t backward_scratch(const AttentionShape& shape) {
  const int64_t size = padded(shape.head_size);
  return 4 * all_keys(shape) * size + block_queries * (2 * all_keys(shape) + 5 * size + 2);
}

template <class T>
void write_rows(const float* from, int64_t rows, int64_t size, float scale, bool add, HeadRows<T> to) {
  for (int64_t i = 0; i < rows; ++i) {
    T* row = to.data + i * to.stride;
    for_each(0, size, [&](auto d, int64_t j) {
      const auto value = hn::Mul(load(d, from + i * padded(size) + j), hn::Set(d, scale));
      store(d, add ? hn::Add(value, load(d, row + j)) : value, row + j);
    });
  }
}

// With p the probabilities, o the output and g its gradient: values get p transposed times g; scores get
// p (g v - sum of g o); queries and keys get those times keys and queries, scaled.
template <class T>
void backward(const AttentionBackward<T>& call, float* memory) {
  const AttentionShape& shape = call.shape;
  const int64_t size = padded(shape.head_size);
  Scratch scratch{memory};
  float* keys = scratch.take(all_keys(shape) * size);
  float* values = scratch.take(all_keys(shape) * size);
  float* k_gradient = scratch.take(all_keys(shape) * size);
  float* v_gradient = scratch.take(all_keys(shape) * size);
  float* scores = scratch.take(all_keys(shape) * block_queries);
  float* score_gradient = scratch.take(all_keys(shape) * block_queries);
  float* queries = scratch.take(block_queries * size);
  float* queries_across = scratch.take(block_queries * size);
  float* gradient = scratch.take(block_queries * size);
  float* gradient_across = scratch.take(block_queries * size);
  float* q_gradient = scratch.take(block_queries * size);
  float* log_sum = scratch.take(block_queries);
  float* mean = scratch.take(block_queries);
  copy_all(shape, call.front_k, call.k, keys);
  copy_all(shape, call.front_v, call.v, values);
  for (int64_t i = 0; i < all_keys(shape) * size; ++i) k_gradient[i] = v_gradient[i] = 0.0f;

  for_each_block(shape, [&](const Block& block) {
    copy_rows(from_row(call.q, block.begin), block.queries, shape.head_size, shape.scale, queries);
    transpose(queries, block.queries, shape.head_size, queries_across);
    copy_rows(from_row(call.out_gradient, block.begin), block.queries, shape.head_size, 1.0f, gradient);
    transpose(gradient, block.queries, shape.head_size, gradient_across);
    for (int64_t i = 0; i < padded(block.queries); ++i) {
      log_sum[i] = mean[i] = 0.0f;
      if (i >= block.queries) continue;
      log_sum[i] = call.log_sum[(block.begin + i) * call.log_sum_step];
      const T* out = call.out.data + (block.begin + i) * call.out.stride;
      mean[i] = sum_over(shape.head_size, [&](auto d, int64_t j) {
        return hn::Mul(load(d, out + j), load(d, gradient + i * size + j));
      });
    }
    const int64_t columns = padded(block.queries);
    multiply({keys, size, 1}, queries_across, block_queries, scores, block_queries, block.keys, columns,
             shape.head_size, false);
    add_bias(shape, block, scores);
    multiply({values, size, 1}, gradient_across, block_queries, score_gradient, block_queries, block.keys,
             columns, shape.head_size, false);
    for_each_vector(shape, block, [&](auto d, int64_t first, int64_t seen) {
      exponentials(d, scores + first, block, seen, hn::LoadU(d, log_sum + first));
      const auto of_query = hn::LoadU(d, mean + first);
      for (int64_t key = 0; key < block.keys; ++key) {
        float* at = score_gradient + key * block_queries + first;
        const auto p = hn::LoadU(d, scores + key * block_queries + first);
        hn::StoreU(hn::Mul(p, hn::Sub(hn::LoadU(d, at), of_query)), d, at);
      }
    });
    gather_bias(shape, block, score_gradient, call.lag_gradient);
    multiply({score_gradient, 1, block_queries}, keys, size, q_gradient, size, block.queries, size,
             block.keys, false);
    write_rows(q_gradient, block.queries, shape.head_size, shape.scale, false,
               from_row(call.q_gradient, block.begin));
    // The queries are scaled already.
    multiply({score_gradient, block_queries, 1}, queries, size, k_gradient, size, block.keys, size,
             block.queries, true);
    multiply({scores, block_queries, 1}, gradient, size, v_gradient, size, block.keys, size, block.queries,
             true);
  });

  const bool add = !call.first_of_group;
  write_rows(k_gradient, shape.front, shape.head_size, 1.0f, add, call.front_k_gradient);
  write_rows(v_gradient, shape.front, shape.head_size, 1.0f, add, call.front_v_gradient);
  write_rows(k_gradient + shape.front * size, shape.keys, shape.head_size, 1.0f, add, call.k_gradient);
  write_rows(v_gradient + shape.front * size, shape.keys, shape.head_size, 1.0f, add, call.v_gradient);
}

// The sum of `vectors` of the values' elements from `j` on, each value weighed.
template <int vectors, class D, class T>
HWY_INLINE void weigh_values(D d, const AttentionForward<T>& call, const float* weights, int64_t seen,
                             float scale, T* out, int64_t j) {
  const auto lanes = static_cast<int64_t>(hn::Lanes(d));
  hn::Vec<D> sum[vectors];
  HWY_UNROLL(4)
  for (int n = 0; n < vectors; ++n) sum[n] = hn::Zero(d);
  for (int64_t i = 0; i < seen; ++i) {
    const T* value = call.v.data + i * call.v.stride + j;
    const auto weight = hn::Set(d, weights[i]);
    HWY_UNROLL(4)
    for (int n = 0; n < vectors; ++n) sum[n] = hn::MulAdd(weight, load(d, value + n * lanes), sum[n]);
  }
  HWY_UNROLL(4)
  for (int n = 0; n < vectors; ++n) store(d, hn::Mul(sum[n], hn::Set(d, scale)), out + j + n * lanes);
}

// Reads keys and values where they lie.
template <class T>
void decode(const AttentionForward<T>& call, float* scores) {
  const AttentionShape& shape = call.shape;
  const int64_t size = shape.head_size;
  const Floats floats;
  const int64_t step = 4 * static_cast<int64_t>(hn::Lanes(floats));
  for (int64_t query = 0; query < shape.queries; ++query) {
    const int64_t seen = visible(shape, query);
    const T* q = call.q.data + query * call.q.stride;
    for (int64_t i = 0; i < seen; ++i) {
      const T* key = call.k.data + i * call.k.stride;
      scores[i] = shape.scale * sum_over(size, [&](auto d, int64_t j) {
                    return hn::Mul(load(d, q + j), load(d, key + j));
                  });
      if (shape.by_lag != nullptr) scores[i] += shape.by_lag[all_keys(shape) - shape.queries + query - i];
    }
    const float largest = max_over(seen, [&](auto d, int64_t i) { return load(d, scores + i); });
    const float inverse = 1.0f / sum_over(seen, [&](auto d, int64_t i) {
                            const auto p = hn::Exp(d, hn::Sub(load(d, scores + i), hn::Set(d, largest)));
                            store(d, p, scores + i);
                            return p;
                          });
    T* out = call.out.data + query * call.out.stride;
    int64_t j = 0;
    for (; j + step <= size; j += step) weigh_values<4>(floats, call, scores, seen, inverse, out, j);
    for_each(j, size,
             [&](auto d, int64_t rest) { weigh_values<1>(d, call, scores, seen, inverse, out, rest); });
  }
}

template <class T>
AttentionKernels<T> table() {
  return {.forward_scratch = forward_scratch,
          .backward_scratch = backward_scratch,
          .forward = forward<T>,
          .backward = backward<T>,
          .decode = decode<T>};
}

}  // namespace

void fill_attention_kernels(Kernels& kernels) {
  kernels.attention = table<float>();
  kernels.attention_bf16 = table<bfloat16>();
}
#else
void fill_attention_kernels(Kernels&) {}
#endif

}  // namespace peft::simd::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace peft::simd {

HWY_EXPORT(fill_attention_kernels);
void fill_attention_kernels(Kernels& kernels) {
  HWY_DYNAMIC_DISPATCH(fill_attention_kernels)(kernels);
}

}  // namespace peft::simd
#endif
