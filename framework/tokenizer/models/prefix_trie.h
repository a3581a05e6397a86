// Strings of bytes, found by walking along a text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace peft::host {

// One table of edges for all nodes, so a step is one access to memory however wide the node is.
class PrefixTrie {
 public:
  using Node = std::int32_t;
  static constexpr Node root = 0;
  static constexpr Node none = -1;

  PrefixTrie();

  // The last value of a string given twice holds. Values are not negative.
  void insert(std::string_view key, std::int32_t value);

  // Where `byte` leads from here; `none` if no string goes on that way.
  Node step(Node from, unsigned char byte) const {
    const std::uint64_t key = edge_key(from, byte);
    for (std::size_t slot = hash_of(key) & mask_;; slot = (slot + 1) & mask_) {
      if (edges_[slot].key == key) return edges_[slot].to;
      if (edges_[slot].key == free_slot) return none;
    }
  }

  // The value of the string that ends here; negative if none does.
  std::int32_t value(Node node) const { return values_[static_cast<std::size_t>(node)]; }

  // The value of the whole of `key`; negative if it has none.
  std::int32_t find(std::string_view key) const {
    Node node = root;
    for (const char byte : key) {
      node = step(node, static_cast<unsigned char>(byte));
      if (node == none) return none;
    }
    return value(node);
  }

 private:
  struct Edge {
    std::uint64_t key;
    Node to;
  };
  static constexpr std::uint64_t free_slot = ~std::uint64_t{0};

  static std::uint64_t edge_key(Node from, unsigned char byte) {
    return static_cast<std::uint64_t>(from) << 8 | byte;
  }
  static std::size_t hash_of(std::uint64_t key) {
    return static_cast<std::size_t>(key * 0x9E3779B97F4A7C15u >> 32);  // the golden ratio's bits
  }
  void add_edge(std::uint64_t key, Node to);
  void grow();

  std::vector<Edge> edges_;  // open addressing, a power of two, at most half full
  std::size_t mask_;
  std::vector<std::int32_t> values_;  // of each node
};

}  // namespace peft::host
