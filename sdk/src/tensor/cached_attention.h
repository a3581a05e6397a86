// Attention of sequences that are being decoded.
#pragma once

#include <vector>

#include "attention.h"
#include "key_value_cache.h"

namespace peft {

// As attend_packed, but that rows offsets[s] … offsets[s+1]-1 go on with what is in cached[s], to which
// `front` and their keys and values are appended. Without gradient where the vectorised kernels compute it.
at::Tensor attend_cached(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const std::vector<int64_t>& offsets, std::vector<CachedSequence>& cached,
                         bool causal);

}  // namespace peft
