// BPE of characters: SentencePiece's, as Llama-2 and Mistral have it, with bytes for characters that the
// vocabulary lacks.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <unordered_map>

#include "tokenizer/definition.h"
#include "tokenizer/model.h"
#include "tokenizer/models/bpe_merges.h"
#include "tokenizer/vocabulary.h"

namespace peft::host {

class CharacterBpe final : public Model {
 public:
  // Throws peft::Error where the vocabulary lacks the unknown token, or what a merge names.
  CharacterBpe(const BpeDefinition& definition, const VocabularyIndex& vocabulary);

  std::unique_ptr<Workspace> make_workspace() const override {
    return std::make_unique<BpeMerges::Workspace>();
  }
  void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const override;
  bool words_begin_at_meta_space() const override { return words_begin_at_meta_space_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  void add_characters(std::string_view word, BpeMerges::Workspace& symbols) const;

  std::vector<TokenId> characters_;  // ids by code point, -1: none; as long as the last of them
  std::optional<std::array<TokenId, 256>> byte_ids_;
  std::optional<TokenId> unk_id_;
  bool fuse_unk_;
  bool words_begin_at_meta_space_;
  std::unordered_map<std::string, TokenId, Hash, std::equal_to<>> whole_words_;  // where merges are ignored
  BpeMerges merges_;
};

}  // namespace peft::host
