// SentencePiece's unigram model: the division of a word whose pieces' scores add up to the most.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "tokenizer/definition.h"
#include "tokenizer/model.h"
#include "tokenizer/models/prefix_trie.h"
#include "tokenizer/vocabulary.h"

namespace peft::host {

class Unigram final : public Model {
 public:
  // Throws peft::Error where the unknown piece is missing, or scores do not fit the vocabulary.
  Unigram(const UnigramDefinition& definition, const VocabularyIndex& vocabulary);

  std::unique_ptr<Workspace> make_workspace() const override;
  void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const override;

 private:
  struct Lattice;

  void find_best(std::string_view word, Lattice& lattice) const;
  void append_unknown(std::string_view run, std::vector<TokenId>& ids) const;

  PrefixTrie pieces_;
  std::vector<double> scores_;  // of each id
  TokenId unk_id_;
  double unk_score_;
  std::optional<std::array<TokenId, 256>> byte_ids_;
};

}  // namespace peft::host
