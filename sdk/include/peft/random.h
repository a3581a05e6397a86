// Random numbers that depend only on what they are for, never on when or where they are drawn.
//
// The generator is counter-based: Philox 4x32-10 (Salmon et al. 2011, "Parallel random numbers: as easy as 1,
// 2, 3"). A draw is keyed by (seed, purpose, step, example, element), so accumulation, micro-batching,
// recomputation, resuming and data parallelism do not change it. Plugins draw only through this header.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace peft {

// One block of Philox 4x32-10.
std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key);

// A stream of its own for each purpose; cheap to copy and to derive further streams from.
class RandomStream {
 public:
  explicit RandomStream(uint64_t seed) : key_(seed) {}

  // Independent streams under this one: by name ("dropout", a site's name) or by number (a step, an example).
  RandomStream child(std::string_view name) const;
  RandomStream child(uint64_t number) const;

  // The `index`-th block of four 32-bit numbers.
  std::array<uint32_t, 4> block(uint64_t index) const;
  // Uniform in [0, 1), 24 bits.
  float uniform(uint64_t index) const;
  // Uniform in 0 … bound-1, without bias beyond 2^-32. bound > 0.
  uint64_t below(uint64_t index, uint64_t bound) const;

  uint64_t key() const { return key_; }

 private:
  uint64_t key_;
};

// Fills a CPU or device tensor in place, any floating type, element i (row-major) from block i/4 or i/2: the
// values do not depend on the device or on threads. They are drawn in float32 and converted.
void fill_uniform(at::Tensor& tensor, double low, double high, const RandomStream& stream);
void fill_normal(at::Tensor& tensor, double mean, double standard_deviation, const RandomStream& stream);

}  // namespace peft
