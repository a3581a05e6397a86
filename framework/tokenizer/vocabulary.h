// Which token has which id.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/models/bpe_merges.h"

namespace peft::host {

// The entries of a vocabulary by name, while a tokenizer is being made. Holds views into the definition.
class VocabularyIndex {
 public:
  // Throws peft::Error on ids that are taken twice, negative, or beyond what any model has.
  explicit VocabularyIndex(const TokenizerDefinition& definition);

  std::optional<TokenId> id_of(std::string_view token) const;
  const Vocabulary& entries() const { return definition_.vocabulary; }

  // The merges in terms of ids; throws peft::Error where one names or makes a token that is absent.
  std::vector<Merge> merges(const BpeDefinition& definition) const;

 private:
  const TokenizerDefinition& definition_;
  std::unordered_map<std::string_view, TokenId> ids_;
};

// What each id stands for. Added tokens give their content.
class TokenTable {
 public:
  // `as_bytes`: the vocabulary is in the byte alphabet, and the table holds what it stands for.
  TokenTable(const Vocabulary& vocabulary, const std::vector<AddedToken>& added, bool as_bytes);

  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }

  struct Token {
    std::string text;
    bool special = false;
    bool exists = false;  // a vocabulary may have gaps
  };
  // Null where no token has this id.
  const Token* find(std::int64_t id) const;

 private:
  std::vector<Token> tokens_;
};

}  // namespace peft::host
