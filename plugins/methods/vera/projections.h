// The random matrices that all of a VeRA's sites share. They are never trained.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace peft::vera {

struct Projections {
  at::Tensor a;  // [rank, in]
  at::Tensor b;  // [out, rank]
};

// Those that Hugging Face PEFT draws of this key, to the bit: float32 on the CPU, Kaiming uniform, both from
// one generator. (So not from a RandomStream: they depend on nothing but shapes and key either.)
Projections draw_projections(int64_t rank, int64_t in, int64_t out, int64_t key);

}  // namespace peft::vera
