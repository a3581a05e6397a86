#include "tokenizer/models/prefix_trie.h"

#include <utility>

namespace peft::host {

PrefixTrie::PrefixTrie() : edges_(1024, Edge{free_slot, none}), mask_(edges_.size() - 1), values_{none} {}

void PrefixTrie::insert(std::string_view key, std::int32_t value) {
  Node node = root;
  for (const char byte : key) {
    const auto next_byte = static_cast<unsigned char>(byte);
    Node next = step(node, next_byte);
    if (next == none) {
      next = static_cast<Node>(values_.size());
      values_.push_back(none);
      if (values_.size() * 2 > edges_.size()) grow();
      add_edge(edge_key(node, next_byte), next);
    }
    node = next;
  }
  values_[static_cast<std::size_t>(node)] = value;
}

void PrefixTrie::add_edge(std::uint64_t key, Node to) {
  std::size_t slot = hash_of(key) & mask_;
  while (edges_[slot].key != free_slot) slot = (slot + 1) & mask_;
  edges_[slot] = {key, to};
}

void PrefixTrie::grow() {
  std::vector<Edge> old(edges_.size() * 2, Edge{free_slot, none});
  old.swap(edges_);
  mask_ = edges_.size() - 1;
  for (const Edge& edge : old) {
    if (edge.key != free_slot) add_edge(edge.key, edge.to);
  }
}

}  // namespace peft::host
