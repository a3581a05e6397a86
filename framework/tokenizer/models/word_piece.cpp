#include "tokenizer/models/word_piece.h"

#include "peft/error.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {

WordPiece::WordPiece(const WordPieceDefinition& definition, const VocabularyIndex& vocabulary)
    : max_characters_(static_cast<std::size_t>(definition.max_input_chars_per_word)) {
  const auto unk = vocabulary.id_of(definition.unk_token);
  if (!unk) {
    throw Error(
        "the unknown token '" + definition.unk_token +
        "' is not in the vocabulary, expected an entry for words that cannot be put together; fetch the "
        "vocabulary again, or name its unknown token as 'unk_token' in tokenizer_config.json");
  }
  unk_id_ = *unk;
  const std::string& prefix = definition.continuing_subword_prefix;
  for (const auto& [entry, id] : vocabulary.entries()) {
    first_.insert(entry, static_cast<TokenId>(id));
    if (entry.size() > prefix.size() && entry.starts_with(prefix)) {
      later_.insert(std::string_view(entry).substr(prefix.size()), static_cast<TokenId>(id));
    }
  }
}

void WordPiece::encode_word(std::string_view word, Workspace&, std::vector<TokenId>& ids) const {
  const std::size_t before = ids.size();
  const auto give_up = [&] {
    ids.resize(before);
    ids.push_back(unk_id_);
  };
  if (unicode::count(word) > max_characters_) return give_up();
  for (std::size_t begin = 0; begin < word.size();) {
    const PrefixTrie& trie = begin == 0 ? first_ : later_;
    std::size_t longest = begin;
    TokenId id = unk_id_;
    PrefixTrie::Node node = PrefixTrie::root;
    for (std::size_t i = begin; i < word.size(); ++i) {
      node = trie.step(node, static_cast<unsigned char>(word[i]));
      if (node == PrefixTrie::none) break;
      if (trie.value(node) >= 0) {
        longest = i + 1;
        id = trie.value(node);
      }
    }
    if (longest == begin) return give_up();
    ids.push_back(id);
    begin = longest;
  }
}

}  // namespace peft::host
