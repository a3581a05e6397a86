// Norm, zeros and finiteness of a tensor's elements, without a tensor library.
#pragma once

#include <cstdint>

#include "model_io/tensor_view.h"

namespace peft::host {

struct ElementStatistics {
  double norm = 0;  // Euclidean, over the finite elements
  uint64_t non_zero = 0;
  uint64_t non_finite = 0;  // NaN and infinities
};

ElementStatistics element_statistics(const TensorView& tensor);

}  // namespace peft::host
