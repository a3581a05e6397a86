// Checkpoints to write, and what must come back.
#pragma once

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "checkpoint/checkpoint.h"

namespace peft::test {

template <typename Element>
host::TensorView tensor(std::string path, ElementType type, std::vector<int64_t> shape,
                        const std::vector<Element>& elements) {
  auto owner = std::make_shared<std::vector<Element>>(elements);
  return {std::move(path), type, std::move(shape), std::as_bytes(std::span(*owner)), owner};
}

// A small run at `step`; another `flavour` has other content.
inline host::Checkpoint sample_checkpoint(int64_t step, float flavour = 0) {
  const float first = static_cast<float>(step) + flavour;
  host::Checkpoint checkpoint;
  checkpoint.step = step;
  checkpoint.tensors = {
      tensor<float>("sets/default/lora/h.0.attn.qkv.A", ElementType::float32, {2, 3}, {first, 1, 2, 3, 4, 5}),
      tensor<float>("sets/default/prefix/tokens", ElementType::float32, {40, 50},
                    std::vector<float>(2000, first)),
      tensor<float>("optimizer/default/lora/h.0.attn.qkv.A/exp_avg", ElementType::float32, {2, 3},
                    {0, 0, first, 0, 0, 1}),
  };
  checkpoint.metadata = Value::Map{{"recipe", "name: hybrid\nseed: 42\n"}, {"loss", 0.1 + first}};
  return checkpoint;
}

inline bool same(const host::TensorView& left, const host::TensorView& right) {
  return left.name == right.name && left.type == right.type && left.shape == right.shape &&
         std::ranges::equal(left.bytes, right.bytes);
}

inline bool same(const host::Checkpoint& left, const host::Checkpoint& right) {
  return left.step == right.step && left.metadata == right.metadata &&
         std::ranges::equal(left.tensors, right.tensors,
                            [](const auto& one, const auto& other) { return same(one, other); });
}

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

inline void overwrite(const std::filesystem::path& path, std::string_view content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(content.data(), static_cast<std::streamsize>(content.size()));
}

}  // namespace peft::test
