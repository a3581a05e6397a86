// A trie of bytes as darts-clone writes it into SentencePiece models.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace peft::host {

class DoubleArray {
 public:
  DoubleArray() = default;  // no keys
  explicit DoubleArray(std::vector<std::uint32_t> units) : units_(std::move(units)) {}

  // The value of the shortest key that begins `text`.
  std::optional<std::uint32_t> shortest_prefix(std::string_view text) const {
    if (units_.empty()) return std::nullopt;
    std::size_t node = offset(units_[0]);
    for (const char character : text) {
      const auto byte = static_cast<unsigned char>(character);
      if (byte == 0) return std::nullopt;
      node ^= byte;
      if (node >= units_.size() || label(units_[node]) != byte) return std::nullopt;
      const std::uint32_t unit = units_[node];
      node ^= offset(unit);
      if (!has_leaf(unit)) continue;
      if (node >= units_.size()) return std::nullopt;
      return units_[node] & 0x7FFFFFFFu;
    }
    return std::nullopt;
  }

 private:
  // A unit: 22 bits of offset (in steps of 256 where bit 9 is set), a leaf bit (8), and the label's 8 bits.
  static std::size_t offset(std::uint32_t unit) { return (unit >> 10) << ((unit & (1u << 9)) >> 6); }
  static std::uint32_t label(std::uint32_t unit) { return unit & (1u << 31 | 0xFF); }
  static bool has_leaf(std::uint32_t unit) { return (unit >> 8 & 1) != 0; }

  std::vector<std::uint32_t> units_;
};

}  // namespace peft::host
