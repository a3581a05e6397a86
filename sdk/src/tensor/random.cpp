#include "peft/random.h"

#include <ATen/Parallel.h>
#include <ATen/ops/empty.h>

#include <cmath>
#include <numbers>

namespace peft {
namespace {

// The finaliser of SplitMix64 (Steele et al. 2014): mixes all bits of a 64-bit number.
uint64_t mix(uint64_t value) {
  value += 0x9e3779b97f4a7c15;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
  value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
  return value ^ (value >> 31);
}

// FNV-1a, 64 bits.
uint64_t hash_name(std::string_view name) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char byte : name) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3;
  return hash;
}

float to_unit(uint32_t bits) {
  return static_cast<float>(bits >> 8) * 0x1p-24f;
}

constexpr int64_t grain = 1 << 14;

__extension__ using Wide = unsigned __int128;

// Fills in float32 on the CPU, four elements a block, then copies into the tensor's own type and device.
template <class FourValues>
void fill(at::Tensor& tensor, const RandomStream& stream, const FourValues& four_values) {
  const at::Tensor values = at::empty(tensor.sizes(), at::TensorOptions().dtype(at::kFloat).device(at::kCPU));
  float* out = values.data_ptr<float>();
  const int64_t count = values.numel();
  at::parallel_for(0, (count + 3) / 4, grain, [&](int64_t first, int64_t last) {
    for (int64_t block = first; block < last; ++block) {
      const std::array<float, 4> four = four_values(stream.block(static_cast<uint64_t>(block)));
      for (int64_t lane = 0; lane < 4 && block * 4 + lane < count; ++lane) out[block * 4 + lane] = four[lane];
    }
  });
  tensor.copy_(values);
}

}  // namespace

std::array<uint32_t, 4> philox(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key) {
  for (int round = 0; round < 10; ++round) {
    const uint64_t product0 = uint64_t{0xd2511f53} * counter[0];
    const uint64_t product1 = uint64_t{0xcd9e8d57} * counter[2];
    counter = {static_cast<uint32_t>(product1 >> 32) ^ counter[1] ^ key[0], static_cast<uint32_t>(product1),
               static_cast<uint32_t>(product0 >> 32) ^ counter[3] ^ key[1], static_cast<uint32_t>(product0)};
    key[0] += 0x9e3779b9;
    key[1] += 0xbb67ae85;
  }
  return counter;
}

RandomStream RandomStream::child(std::string_view name) const {
  return RandomStream(mix(key_ ^ mix(hash_name(name))));
}

RandomStream RandomStream::child(uint64_t number) const {
  return RandomStream(mix(key_ + mix(number)));
}

std::array<uint32_t, 4> RandomStream::block(uint64_t index) const {
  return philox({static_cast<uint32_t>(index), static_cast<uint32_t>(index >> 32), 0, 0},
                {static_cast<uint32_t>(key_), static_cast<uint32_t>(key_ >> 32)});
}

float RandomStream::uniform(uint64_t index) const {
  return to_unit(block(index)[0]);
}

uint64_t RandomStream::below(uint64_t index, uint64_t bound) const {
  const std::array<uint32_t, 4> bits = block(index);
  const uint64_t wide = uint64_t{bits[0]} << 32 | bits[1];
  return static_cast<uint64_t>((static_cast<Wide>(wide) * bound) >> 64);
}

void fill_uniform(at::Tensor& tensor, double low, double high, const RandomStream& stream) {
  const auto scale = static_cast<float>(high - low);
  const auto offset = static_cast<float>(low);
  fill(tensor, stream, [=](const std::array<uint32_t, 4>& bits) {
    std::array<float, 4> values{};
    for (size_t i = 0; i < 4; ++i) values[i] = offset + scale * to_unit(bits[i]);
    return values;
  });
}

// Box and Muller 1958: two normals from two uniforms.
void fill_normal(at::Tensor& tensor, double mean, double standard_deviation, const RandomStream& stream) {
  const auto deviation = static_cast<float>(standard_deviation);
  const auto centre = static_cast<float>(mean);
  fill(tensor, stream, [=](const std::array<uint32_t, 4>& bits) {
    std::array<float, 4> values{};
    for (size_t pair = 0; pair < 4; pair += 2) {
      const float radius = std::sqrt(-2.0f * std::log(1.0f - to_unit(bits[pair])));
      const float angle = 2.0f * std::numbers::pi_v<float> * to_unit(bits[pair + 1]);
      values[pair] = centre + deviation * radius * std::cos(angle);
      values[pair + 1] = centre + deviation * radius * std::sin(angle);
    }
    return values;
  });
}

}  // namespace peft
