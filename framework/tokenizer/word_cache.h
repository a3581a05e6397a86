// The ids of words met before: a text consists mostly of few words, many times each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

#include "tokenizer/model.h"

namespace peft::host {

// A fixed number of slots of one cache line each; a new word takes its slot from the one before it. So a
// look-up is one access to memory, nothing is allocated, and 2 MB are all it ever holds. One thread at a
// time.
class WordCache {
 public:
  WordCache() : slots_(slot_count) {}

  // The word's ids, valid until the next `insert`; empty where it is not known.
  std::span<const TokenId> find(std::string_view word) const {
    if (word.size() > max_bytes) return {};
    const Slot& slot = slots_[slot_of(word)];
    if (slot.byte_count != word.size() || std::memcmp(slot.bytes, word.data(), word.size()) != 0) return {};
    return {slot.ids, slot.id_count};
  }

  // Long words are rare: they are not kept. `word` and `ids` are not empty.
  void insert(std::string_view word, std::span<const TokenId> ids) {
    if (word.size() > max_bytes || ids.size() > max_ids) return;
    Slot& slot = slots_[slot_of(word)];
    slot.byte_count = static_cast<std::uint8_t>(word.size());
    slot.id_count = static_cast<std::uint8_t>(ids.size());
    std::memcpy(slot.bytes, word.data(), word.size());
    std::memcpy(slot.ids, ids.data(), ids.size_bytes());
  }

 private:
  static constexpr std::size_t slot_count = 1 << 15;
  static constexpr std::size_t max_bytes = 30;
  static constexpr std::size_t max_ids = 8;

  struct alignas(64) Slot {
    std::uint8_t byte_count = 0;  // 0: free
    std::uint8_t id_count = 0;
    char bytes[max_bytes];
    TokenId ids[max_ids];
  };
  static_assert(sizeof(Slot) == 64);

  static std::size_t slot_of(std::string_view word) {
    return std::hash<std::string_view>{}(word) % slot_count;
  }

  std::vector<Slot> slots_;
};

}  // namespace peft::host
