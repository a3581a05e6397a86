// Byte pair encoding of one word, once its characters or bytes have ids.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "tokenizer/model.h"

namespace peft::host {

// Two neighbouring tokens that may become one. Among those present in a word the lowest rank is merged first,
// and of equal ranks the leftmost.
struct Merge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId merged = 0;
  std::int32_t rank = 0;
};

// Immutable; any thread, each with a workspace of its own.
class BpeMerges {
 public:
  // The symbols of a word and the merges that it may see.
  class Workspace final : public Model::Workspace {
   public:
    // Begins a word anew.
    void clear() {
      symbols_.clear();
      heap_.clear();
    }
    // The next symbol of the word, to the right of the others.
    void add(TokenId id) {
      const auto position = static_cast<std::int32_t>(symbols_.size());
      if (position > 0) symbols_.back().next = position;
      symbols_.push_back({id, position - 1, -1});
    }

   private:
    friend class BpeMerges;
    struct Symbol {
      TokenId id;             // -1: merged into its left neighbour
      std::int32_t previous;  // positions; -1: none
      std::int32_t next;
    };
    struct Candidate {
      Merge merge;
      std::int32_t position;  // of the left symbol
    };
    std::vector<Symbol> symbols_;
    std::vector<Candidate> heap_;
  };

  // A pair given twice keeps its last rank, as in Hugging Face's.
  explicit BpeMerges(const std::vector<Merge>& merges);

  // Merges the word in `workspace` and appends what is left of it to `ids`.
  void apply(Workspace& workspace, std::vector<TokenId>& ids) const;

 private:
  const Merge* find(TokenId left, TokenId right) const;
  void propose(std::int32_t position, Workspace& workspace) const;

  std::vector<Merge> slots_;  // open addressing by pair, a power of two; `left` -1: empty
};

}  // namespace peft::host
