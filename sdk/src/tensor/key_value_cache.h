// What a KeyValueCache holds.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

#include "peft/forward.h"

namespace peft {

// The keys and values of one sequence at one attention site: of `capacity` places the first `length` are in
// use. Those of a head lie side by side: attention reads them from first to last.
struct CachedSequence {
  at::Tensor keys;    // [key/value heads, capacity, head size]
  at::Tensor values;  // the same
  int64_t length = 0;

  // Makes places for [added, key/value heads, head size] more, which `like` is in type and width. Capacity
  // grows by a factor, so that all the copies together are no more than a few of the longest.
  void reserve(const at::Tensor& like, int64_t added);
  void append(const at::Tensor& more_keys, const at::Tensor& more_values);

  // Those in use, [length, key/value heads, head size]: views.
  at::Tensor used_keys() const { return keys.narrow(1, 0, length).transpose(0, 1); }
  at::Tensor used_values() const { return values.narrow(1, 0, length).transpose(0, 1); }
};

struct KeyValueCache::State {
  std::map<const AttentionSite*, std::vector<CachedSequence>> sites;
  const AttentionSite* first = nullptr;  // by its sequences the cache's length is told
  // What was computed once for all forwards (see Forward::once).
  std::map<const void*, std::vector<at::Tensor>> shared;
};

}  // namespace peft
