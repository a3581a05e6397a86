// Byte pair encoding of one word.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace peft::host {

using TokenId = std::int32_t;

// Two neighbouring tokens that may become one. Among those present in a word the lowest rank is merged first,
// and of equal ranks the leftmost.
struct Merge {
  TokenId left = 0;
  TokenId right = 0;
  TokenId merged = 0;
  std::int32_t rank = 0;
};

// Immutable; any thread, each with a workspace of its own.
class BpeModel {
 public:
  // Memory that lives from word to word; what is in it means nothing between them.
  struct Workspace {
    struct Symbol {
      TokenId id;             // -1: merged into its left neighbour
      std::int32_t previous;  // positions; -1: none
      std::int32_t next;
    };
    struct Candidate {
      Merge merge;
      std::int32_t position;  // of the left symbol
    };
    std::vector<Symbol> symbols;
    std::vector<Candidate> heap;
  };

  // `byte_ids`: the token of each single byte. A pair given twice keeps its last rank, as in Hugging Face's.
  BpeModel(const std::array<TokenId, 256>& byte_ids, const std::vector<Merge>& merges);

  // Appends the word's ids to `ids`. A word is at most 2^31 - 1 bytes.
  void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const;

 private:
  const Merge* find(TokenId left, TokenId right) const;
  void propose(std::int32_t position, Workspace& workspace) const;

  std::array<TokenId, 256> byte_ids_;
  std::vector<Merge> slots_;  // open addressing by pair, a power of two; `left` -1: empty
};

}  // namespace peft::host
