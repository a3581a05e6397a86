#include "tokenizer/bpe_model.h"

#include <algorithm>
#include <bit>

namespace peft::host {
namespace {

std::size_t hash_of(TokenId left, TokenId right) {
  const std::uint64_t pair = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  return static_cast<std::size_t>(pair * 0x9E3779B97F4A7C15u >>
                                  32);  // the golden ratio's bits mix the low ones up
}

}  // namespace

BpeModel::BpeModel(const std::array<TokenId, 256>& byte_ids, const std::vector<Merge>& merges)
    : byte_ids_(byte_ids), slots_(std::bit_ceil(merges.size() * 2 + 1), Merge{.left = -1}) {
  const std::size_t mask = slots_.size() - 1;
  for (const Merge& merge : merges) {
    std::size_t slot = hash_of(merge.left, merge.right) & mask;
    while (slots_[slot].left >= 0 && (slots_[slot].left != merge.left || slots_[slot].right != merge.right)) {
      slot = (slot + 1) & mask;
    }
    slots_[slot] = merge;
  }
}

const Merge* BpeModel::find(TokenId left, TokenId right) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash_of(left, right) & mask; slots_[slot].left >= 0; slot = (slot + 1) & mask) {
    if (slots_[slot].left == left && slots_[slot].right == right) return &slots_[slot];
  }
  return nullptr;
}

namespace {

// For the standard library's heap, whose front is the largest.
constexpr auto merged_later = [](const auto& a, const auto& b) {
  return a.merge.rank != b.merge.rank ? a.merge.rank > b.merge.rank : a.position > b.position;
};

}  // namespace

// Puts the pair that begins at `position` on the heap, if it can be merged.
void BpeModel::propose(std::int32_t position, Workspace& workspace) const {
  if (position < 0 || workspace.symbols[position].next < 0) return;
  const TokenId right = workspace.symbols[workspace.symbols[position].next].id;
  const Merge* merge = find(workspace.symbols[position].id, right);
  if (merge == nullptr) return;
  workspace.heap.push_back({*merge, position});
  std::push_heap(workspace.heap.begin(), workspace.heap.end(), merged_later);
}

// A linked list of symbols and a heap of its possible merges: n log n, however long the word.
void BpeModel::encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const {
  auto& [symbols, heap] = workspace;
  symbols.clear();
  heap.clear();
  const auto count = static_cast<std::int32_t>(word.size());
  for (std::int32_t i = 0; i < count; ++i) {
    const TokenId id = byte_ids_[static_cast<unsigned char>(word[static_cast<std::size_t>(i)])];
    symbols.push_back({id, i - 1, i + 1 < count ? i + 1 : -1});
  }
  for (std::int32_t i = 0; i + 1 < count; ++i) propose(i, workspace);

  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), merged_later);
    const auto [merge, position] = heap.back();
    heap.pop_back();
    auto& left = symbols[position];
    // The pair may be gone: its symbols have been merged with others since.
    if (left.id != merge.left || left.next < 0 || symbols[left.next].id != merge.right) continue;
    symbols[left.next].id = -1;
    left.id = merge.merged;
    left.next = symbols[left.next].next;
    if (left.next >= 0) symbols[left.next].previous = position;
    propose(left.previous, workspace);
    propose(position, workspace);
  }
  for (const auto& symbol : symbols) {
    if (symbol.id >= 0) ids.push_back(symbol.id);
  }
}

}  // namespace peft::host
