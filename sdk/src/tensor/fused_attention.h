// Attention by the vectorised kernels.
#pragma once

#include "attention.h"

namespace peft {

// Whether the kernels take these: on the CPU, float32 or bfloat16, all of one type, elements of a head side
// by side.
bool can_fuse_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v);

// As attend_packed.
at::Tensor fused_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const InFront& front, const AttentionRows& rows, const AttentionRules& rules);

}  // namespace peft
