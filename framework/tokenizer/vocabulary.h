// Which token has which id.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "tokenizer/bpe_model.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

struct ByteLevelBpeDefinition;

// The entries of a byte-level vocabulary by name, while a tokenizer is being made. Holds views into the
// definition.
class VocabularyIndex {
 public:
  // Throws peft::Error on ids that are taken twice, negative, or beyond what any model has.
  explicit VocabularyIndex(const ByteLevelBpeDefinition& definition);

  std::optional<TokenId> id_of(std::string_view token) const;

  // The ids of the 256 single bytes; throws peft::Error if one is missing.
  std::array<TokenId, 256> byte_ids() const;

  // The merges in terms of ids; throws peft::Error where one names or makes a token that is absent.
  std::vector<Merge> merges() const;

 private:
  const ByteLevelBpeDefinition& definition_;
  std::unordered_map<std::string_view, TokenId> ids_;
};

// What each id decodes to. Added tokens give their content.
class TokenTable {
 public:
  explicit TokenTable(const ByteLevelBpeDefinition& definition);

  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }

  struct Token {
    std::string bytes;  // empty: no token has this id
    bool special = false;
  };
  // Null beyond the table.
  const Token* find(std::int64_t id) const;

 private:
  std::vector<Token> tokens_;
};

}  // namespace peft::host
