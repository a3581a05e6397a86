// T5's relative positions (Raffel et al. 2020, arXiv:1910.10683): distances between a query and a key fall
// into buckets, near ones each into its own, far ones into buckets that grow with their logarithm.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "peft/forward.h"

namespace peft::t5 {

struct Buckets {
  int64_t count = 32;
  int64_t max_distance = 128;
  bool both_ways = true;  // an encoder tells keys before a query from those after it
};

// The bucket of each distance (the key's place less the query's) first … last, int64.
at::Tensor buckets_of(const Buckets& buckets, int64_t first, int64_t last, const at::Device& device);

// `table` [buckets, heads], for sequences up to `reach` long.
DistanceBias distance_bias(const Buckets& buckets, const at::Tensor& table, int64_t reach);

}  // namespace peft::t5
