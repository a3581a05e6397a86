#include "cached_attention.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>

#include <algorithm>

#include "attention_heads.h"
#include "fused_attention.h"
#include "kernel_choice.h"

namespace peft {
namespace {

constexpr int64_t few_queries = 4;  // for which copies of all keys do not pay

// New queries and keys of one sequence, and the memory of its cache.
template <class T>
struct Continued {
  int64_t first_query;  // its row
  int64_t queries;
  int64_t first_key;  // its row
  int64_t added;
  int64_t before;  // tokens in the cache
  T* keys;
  T* values;
  int64_t head_step;  // between a head's places and the next one's
};

// Makes places for the new tokens and counts them as there.
template <class T>
std::vector<Continued<T>> make_places(const at::Tensor& k, const AttentionRows& rows,
                                      std::vector<CachedSequence>& cached) {
  std::vector<Continued<T>> all;
  for (size_t s = 0; s + 1 < rows.queries.size(); ++s) {
    const int64_t added = k.defined() ? rows.keys[s + 1] - rows.keys[s] : 0;
    CachedSequence& sequence = cached.at(s);
    if (added > 0) sequence.reserve(k, added);
    all.push_back({.first_query = rows.queries[s],
                   .queries = rows.queries[s + 1] - rows.queries[s],
                   .first_key = added > 0 ? rows.keys[s] : 0,
                   .added = added,
                   .before = sequence.length,
                   .keys = static_cast<T*>(sequence.keys.data_ptr()),
                   .values = static_cast<T*>(sequence.values.data_ptr()),
                   .head_step = sequence.keys.stride(0)});
    sequence.length += added;
  }
  return all;
}

template <class T>
void copy_rows(simd::HeadRows<const T> from, int64_t rows, int64_t head_size, T* to) {
  for (int64_t i = 0; i < rows; ++i) std::copy_n(from.data + i * from.stride, head_size, to + i * head_size);
}

// All heads of all sequences as one piece of work: a thread that appends a head's keys is the one that reads
// them.
template <class T>
at::Tensor attend_fused(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                        const AttentionRows& rows, std::vector<CachedSequence>& cached,
                        const AttentionRules& rules) {
  const simd::AttentionKernels<T>& kernels = kernel_choice().simd.attention_of<T>();
  const int64_t heads = q.size(1);
  const int64_t head_size = q.size(2);
  const int64_t shared_heads = cached.front().keys.defined() ? cached.front().keys.size(0) : k.size(1);
  const int64_t group = heads / shared_heads;
  const LagBias bias(rules.bias);
  const at::Tensor out = at::empty({q.size(0), heads, head_size}, q.options());
  const std::vector<Continued<T>> sequences = make_places<T>(k, rows, cached);
  std::vector<float> log_sum(static_cast<size_t>(q.size(0) * heads));  // nobody asks for it
  const auto visit = [&](int64_t shared, int64_t s, std::vector<float>& scratch) {
    const Continued<T>& sequence = sequences[static_cast<size_t>(s)];
    T* keys = sequence.keys + shared * sequence.head_step;
    T* values = sequence.values + shared * sequence.head_step;
    const int64_t place = sequence.before * head_size;
    if (sequence.added > 0) {
      copy_rows(head_of<const T>(k, shared, sequence.first_key), sequence.added, head_size, keys + place);
      copy_rows(head_of<const T>(v, shared, sequence.first_key), sequence.added, head_size, values + place);
    }
    for (int64_t head = shared * group; head < (shared + 1) * group; ++head) {
      const simd::AttentionShape shape{.queries = sequence.queries,
                                       .keys = sequence.before + sequence.added,
                                       .front = 0,
                                       .head_size = head_size,
                                       .scale = static_cast<float>(rules.scale),
                                       .causal = rules.causal,
                                       .by_lag = bias.of_head(head)};
      const simd::AttentionForward<T> call{.shape = shape,
                                           .q = head_of<const T>(q, head, sequence.first_query),
                                           .k = {keys, head_size},
                                           .v = {values, head_size},
                                           .front_k = {nullptr, 0},
                                           .front_v = {nullptr, 0},
                                           .out = head_of<T>(out, head, sequence.first_query),
                                           .log_sum = log_sum.data() + sequence.first_query * heads + head,
                                           .log_sum_step = heads};
      if (sequence.queries <= few_queries) {
        kernels.decode(call, room(scratch, shape.keys));
      } else {
        kernels.forward(call, room(scratch, kernels.forward_scratch(shape)));
      }
    }
  };
  for_each_head(shared_heads, static_cast<int64_t>(sequences.size()), visit);
  return out.view({q.size(0), heads * head_size});
}

}  // namespace

at::Tensor attend_cached(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const AttentionRows& rows, std::vector<CachedSequence>& cached,
                         const AttentionRules& rules) {
  if (front.keys.defined()) {
    for (CachedSequence& sequence : cached)
      sequence.append(front.keys.to(k.scalar_type()), front.values.to(v.scalar_type()));
  }
  const bool fits = k.defined() ? can_fuse_attention(q, k, v)
                                : can_fuse_attention(q, cached.at(0).keys, cached.at(0).values);
  if (!at::GradMode::is_enabled() && fits) {
    if (q.scalar_type() == at::kFloat) return attend_fused<float>(q, k, v, rows, cached, rules);
    return attend_fused<simd::bfloat16>(q, k, v, rows, cached, rules);
  }
  std::vector<at::Tensor> outputs;
  for (size_t s = 0; s + 1 < rows.queries.size(); ++s) {
    CachedSequence& sequence = cached.at(s);
    if (k.defined()) {
      const int64_t added = rows.keys[s + 1] - rows.keys[s];
      sequence.append(k.narrow(0, rows.keys[s], added), v.narrow(0, rows.keys[s], added));
    }
    outputs.push_back(attend(q.narrow(0, rows.queries[s], rows.queries[s + 1] - rows.queries[s]),
                             sequence.used_keys(), sequence.used_values(), rules));
  }
  return at::cat(outputs).reshape({q.size(0), q.size(1) * q.size(2)});
}

}  // namespace peft
