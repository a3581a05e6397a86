#include "tokenizer/models/bpe_merges.h"

#include <algorithm>
#include <bit>

namespace peft::host {
namespace {

std::size_t hash_of(TokenId left, TokenId right) {
  const std::uint64_t pair = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  return static_cast<std::size_t>(pair * 0x9E3779B97F4A7C15u >>
                                  32);  // the golden ratio's bits mix the low ones up
}

// For the standard library's heap, whose front is the largest.
constexpr auto merged_later = [](const auto& a, const auto& b) {
  return a.merge.rank != b.merge.rank ? a.merge.rank > b.merge.rank : a.position > b.position;
};

}  // namespace

BpeMerges::BpeMerges(const std::vector<Merge>& merges)
    : slots_(std::bit_ceil(merges.size() * 2 + 1), Merge{.left = -1}) {
  const std::size_t mask = slots_.size() - 1;
  for (const Merge& merge : merges) {
    std::size_t slot = hash_of(merge.left, merge.right) & mask;
    while (slots_[slot].left >= 0 && (slots_[slot].left != merge.left || slots_[slot].right != merge.right)) {
      slot = (slot + 1) & mask;
    }
    slots_[slot] = merge;
  }
}

const Merge* BpeMerges::find(TokenId left, TokenId right) const {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash_of(left, right) & mask; slots_[slot].left >= 0; slot = (slot + 1) & mask) {
    if (slots_[slot].left == left && slots_[slot].right == right) return &slots_[slot];
  }
  return nullptr;
}

// Puts the pair that begins at `position` on the heap, if it can be merged.
void BpeMerges::propose(std::int32_t position, Workspace& workspace) const {
  const auto& symbols = workspace.symbols_;
  if (position < 0 || symbols[static_cast<std::size_t>(position)].next < 0) return;
  const auto& left = symbols[static_cast<std::size_t>(position)];
  const Merge* merge = find(left.id, symbols[static_cast<std::size_t>(left.next)].id);
  if (merge == nullptr) return;
  workspace.heap_.push_back({*merge, position});
  std::push_heap(workspace.heap_.begin(), workspace.heap_.end(), merged_later);
}

// A linked list of symbols and a heap of its possible merges: n log n, however long the word.
void BpeMerges::apply(Workspace& workspace, std::vector<TokenId>& ids) const {
  auto& symbols = workspace.symbols_;
  auto& heap = workspace.heap_;
  const auto count = static_cast<std::int32_t>(symbols.size());
  for (std::int32_t i = 0; i + 1 < count; ++i) propose(i, workspace);

  const auto symbol = [&](std::int32_t position) -> Workspace::Symbol& {
    return symbols[static_cast<std::size_t>(position)];
  };
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), merged_later);
    const auto [merge, position] = heap.back();
    heap.pop_back();
    auto& left = symbol(position);
    // The pair may be gone: its symbols have been merged with others since.
    if (left.id != merge.left || left.next < 0 || symbol(left.next).id != merge.right) continue;
    symbol(left.next).id = -1;
    left.id = merge.merged;
    left.next = symbol(left.next).next;
    if (left.next >= 0) symbol(left.next).previous = position;
    propose(left.previous, workspace);
    propose(position, workspace);
  }
  for (const auto& left_over : symbols) {
    if (left_over.id >= 0) ids.push_back(left_over.id);
  }
}

}  // namespace peft::host
