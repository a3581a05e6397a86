// WordPiece: BERT's model.
#pragma once

#include "tokenizer/definition.h"
#include "tokenizer/model.h"
#include "tokenizer/models/prefix_trie.h"
#include "tokenizer/vocabulary.h"

namespace peft::host {

class WordPiece final : public Model {
 public:
  // Throws peft::Error where the vocabulary lacks the unknown token.
  WordPiece(const WordPieceDefinition& definition, const VocabularyIndex& vocabulary);

  void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const override;

 private:
  PrefixTrie first_;  // entries that begin a word: all of them
  PrefixTrie later_;  // entries that go on in one, without their ##
  TokenId unk_id_;
  std::size_t max_characters_;
};

}  // namespace peft::host
