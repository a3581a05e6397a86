#include "tokenizer/models/character_bpe.h"

#include <algorithm>

#include "peft/error.h"
#include "tokenizer/byte_tokens.h"
#include "tokenizer/meta_space.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

bool nothing_joins_before_meta_space(const BpeDefinition& definition) {
  return std::none_of(definition.merges.begin(), definition.merges.end(), [](const auto& merge) {
    return merge.second.starts_with(meta_space) && !merge.first.ends_with(meta_space);
  });
}

}  // namespace

CharacterBpe::CharacterBpe(const BpeDefinition& definition, const VocabularyIndex& vocabulary)
    : fuse_unk_(definition.fuse_unk),
      words_begin_at_meta_space_(!definition.ignore_merges && vocabulary.id_of(meta_space) &&
                                 nothing_joins_before_meta_space(definition)),
      merges_(vocabulary.merges(definition)) {
  if (definition.byte_fallback) byte_ids_ = byte_token_ids(vocabulary);
  if (definition.unk_token) {
    unk_id_ = vocabulary.id_of(*definition.unk_token);
    if (!unk_id_) {
      throw Error(
          "the unknown token '" + *definition.unk_token +
          "' is not in the vocabulary, expected an entry for characters that have none; fetch the file "
          "again");
    }
  }
  for (const auto& [entry, id] : vocabulary.entries()) {
    if (definition.ignore_merges) whole_words_.emplace(entry, static_cast<TokenId>(id));
    if (entry.empty()) continue;
    const auto [code, length] = unicode::decode_first(entry);
    if (length != entry.size()) continue;
    if (code >= characters_.size()) characters_.resize(code + 1, -1);
    characters_[code] = static_cast<TokenId>(id);
  }
}

void CharacterBpe::add_characters(std::string_view word, BpeMerges::Workspace& symbols) const {
  bool unknown_before = false;  // an unknown token that is not yet written: more may join it
  const auto flush = [&] {
    if (unknown_before) symbols.add(*unk_id_);
    unknown_before = false;
  };
  std::vector<TokenId> bytes;
  while (!word.empty()) {
    const auto [code, length] = unicode::decode_first(word);
    const std::string_view character = word.substr(0, length);
    word.remove_prefix(length);
    if (code < characters_.size() && characters_[code] >= 0) {
      flush();
      symbols.add(characters_[code]);
      continue;
    }
    bytes.clear();
    if (byte_ids_ && append_byte_tokens(*byte_ids_, character, bytes)) {
      for (const TokenId id : bytes) symbols.add(id);
    } else if (unk_id_) {
      if (!fuse_unk_) flush();
      unknown_before = true;
    }
  }
  flush();
}

void CharacterBpe::encode_word(std::string_view word, Workspace& workspace, std::vector<TokenId>& ids) const {
  if (const auto whole = whole_words_.find(word); whole != whole_words_.end()) {
    ids.push_back(whole->second);
    return;
  }
  auto& symbols = static_cast<BpeMerges::Workspace&>(workspace);
  symbols.clear();
  add_characters(word, symbols);
  merges_.apply(symbols, ids);
}

}  // namespace peft::host
