// BPE of bytes: GPT-2's model, Qwen2's, Llama-3's.
#pragma once

#include <array>
#include <string>
#include <unordered_map>

#include "tokenizer/definition.h"
#include "tokenizer/model.h"
#include "tokenizer/models/bpe_merges.h"
#include "tokenizer/vocabulary.h"

namespace peft::host {

class ByteBpe final : public Model {
 public:
  // The vocabulary is in the byte alphabet. Throws peft::Error where single bytes are missing from it, or
  // what a merge names.
  ByteBpe(const BpeDefinition& definition, const VocabularyIndex& vocabulary);

  std::unique_ptr<Workspace> make_workspace() const override {
    return std::make_unique<BpeMerges::Workspace>();
  }
  void encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const override;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
  };

  std::array<TokenId, 256> byte_ids_;
  BpeMerges merges_;
  std::unordered_map<std::string, TokenId, Hash, std::equal_to<>> whole_words_;  // where merges are ignored
};

}  // namespace peft::host
