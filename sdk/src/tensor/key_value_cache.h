// What a KeyValueCache holds.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <vector>

#include "peft/forward.h"

namespace peft {

// The keys and values of one sequence at one attention site: the first `length` of `capacity` rows are in
// use.
struct CachedSequence {
  at::Tensor keys;    // [capacity, key/value heads, head size]
  at::Tensor values;  // the same
  int64_t length = 0;

  void append(const at::Tensor& more_keys, const at::Tensor& more_values);
};

struct KeyValueCache::State {
  std::map<const AttentionSite*, std::vector<CachedSequence>> sites;
  const AttentionSite* first = nullptr;  // by its sequences the cache's length is told
};

}  // namespace peft
