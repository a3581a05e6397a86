// Numbers that look random, the same in any language: weights that are stored nowhere.
#pragma once

#include <cstdint>

namespace peft::test {

// Element i of tensor `number`, in [-0.5, 0.5): `noise` of tests/parity/make_references.py.
inline double noise(uint32_t number, uint32_t i) {
  uint32_t x = i * 2654435761U + number * 2246822519U;
  x = (x ^ (x >> 15)) * 2246822519U;
  x = (x ^ (x >> 13)) * 3266489917U;
  x ^= x >> 16;
  return static_cast<double>(x) / 4294967296.0 - 0.5;
}

}  // namespace peft::test
