// Dropout whose mask is computed anew wherever it is needed.
#pragma once

#include <ATen/core/Tensor.h>

#include "peft/batch.h"
#include "peft/random.h"

namespace peft {

// The key of each row's own stream under `stream`: [M] int64, the bits of RandomStream::key(), on the CPU.
at::Tensor row_streams(const RandomStream& stream, const Rows& rows);

// x [M, …] with each element dropped with probability p, or divided by 1 - p. Without gradient; the gradient
// is the same function of the gradient.
at::Tensor drop(const at::Tensor& x, double p, const at::Tensor& streams);

}  // namespace peft
