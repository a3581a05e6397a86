// Attention of sequences that are being decoded.
#pragma once

#include <vector>

#include "attention.h"
#include "key_value_cache.h"

namespace peft {

// As attend_packed, but that the queries of sequence s go on with what is in cached[s], to which `front` and
// the keys and values are appended; k and v may be undefined: nothing is appended then. Without gradient
// where the vectorised kernels compute it.
at::Tensor attend_cached(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const InFront& front,
                         const AttentionRows& rows, std::vector<CachedSequence>& cached,
                         const AttentionRules& rules);

}  // namespace peft
