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

// New tokens of one sequence, and the memory of its cache.
template <class T>
struct Continued {
  int64_t begin;  // row of the first
  int64_t added;
  int64_t before;  // tokens in the cache
  T* keys;
  T* values;
  int64_t head_step;  // between a head's places and the next one's
};

// Makes places for the new tokens and counts them as there.
template <class T>
std::vector<Continued<T>> make_places(const at::Tensor& k, const std::vector<int64_t>& offsets,
                                      std::vector<CachedSequence>& cached) {
  std::vector<Continued<T>> all;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    const int64_t added = offsets[s + 1] - offsets[s];
    CachedSequence& sequence = cached.at(s);
    sequence.reserve(k, added);
    all.push_back({.begin = offsets[s],
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
                        const std::vector<int64_t>& offsets, std::vector<CachedSequence>& cached,
                        bool causal) {
  const simd::AttentionKernels<T>& kernels = kernel_choice().simd.attention_of<T>();
  const int64_t heads = q.size(1);
  const int64_t head_size = q.size(2);
  const int64_t group = heads / k.size(1);
  const at::Tensor out = at::empty({q.size(0), heads, head_size}, q.options());
  const std::vector<Continued<T>> sequences = make_places<T>(k, offsets, cached);
  std::vector<float> log_sum(static_cast<size_t>(q.size(0) * heads));  // nobody asks for it
  const auto visit = [&](int64_t shared, int64_t s, std::vector<float>& scratch) {
    const Continued<T>& sequence = sequences[static_cast<size_t>(s)];
    T* keys = sequence.keys + shared * sequence.head_step;
    T* values = sequence.values + shared * sequence.head_step;
    const int64_t place = sequence.before * head_size;
    copy_rows(head_of<const T>(k, shared, sequence.begin), sequence.added, head_size, keys + place);
    copy_rows(head_of<const T>(v, shared, sequence.begin), sequence.added, head_size, values + place);
    const simd::AttentionShape shape =
        shape_of(sequence.added, sequence.before + sequence.added, 0, head_size, causal);
    for (int64_t head = shared * group; head < (shared + 1) * group; ++head) {
      const simd::AttentionForward<T> call{.shape = shape,
                                           .q = head_of<const T>(q, head, sequence.begin),
                                           .k = {keys, head_size},
                                           .v = {values, head_size},
                                           .front_k = {nullptr, 0},
                                           .front_v = {nullptr, 0},
                                           .out = head_of<T>(out, head, sequence.begin),
                                           .log_sum = log_sum.data() + sequence.begin * heads + head,
                                           .log_sum_step = heads};
      if (sequence.added <= few_queries) {
        kernels.decode(call, room(scratch, shape.keys));
      } else {
        kernels.forward(call, room(scratch, kernels.forward_scratch(shape)));
      }
    }
  };
  for_each_head(k.size(1), static_cast<int64_t>(sequences.size()), visit);
  return out.view({q.size(0), heads * head_size});
}

}  // namespace

at::Tensor attend_cached(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const std::vector<int64_t>& offsets, std::vector<CachedSequence>& cached,
                         bool causal) {
  if (front.keys.defined()) {
    for (CachedSequence& sequence : cached)
      sequence.append(front.keys.to(k.scalar_type()), front.values.to(v.scalar_type()));
  }
  if (!at::GradMode::is_enabled() && can_fuse_attention(q, k, v)) {
    if (q.scalar_type() == at::kFloat) return attend_fused<float>(q, k, v, offsets, cached, causal);
    return attend_fused<simd::bfloat16>(q, k, v, offsets, cached, causal);
  }
  std::vector<at::Tensor> outputs;
  for (size_t s = 0; s + 1 < offsets.size(); ++s) {
    const int64_t begin = offsets[s];
    const int64_t added = offsets[s + 1] - begin;
    CachedSequence& sequence = cached.at(s);
    sequence.append(k.narrow(0, begin, added), v.narrow(0, begin, added));
    outputs.push_back(
        attend(q.narrow(0, begin, added), sequence.used_keys(), sequence.used_values(), causal));
  }
  return at::cat(outputs).reshape({q.size(0), q.size(1) * q.size(2)});
}

}  // namespace peft
