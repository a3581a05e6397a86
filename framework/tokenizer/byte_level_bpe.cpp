#include "tokenizer/byte_level_bpe.h"

#include <algorithm>
#include <iterator>
#include <mutex>

#include "base/utf8.h"
#include "base/xxh3.h"
#include "peft/error.h"
#include "tokenizer/bpe_model.h"
#include "tokenizer/gpt2_pattern.h"
#include "tokenizer/vocabulary.h"
#include "tokenizer/word_cache.h"

namespace peft::host {
namespace {

using Special = AddedTokenFinder::Special;

// What one thread needs to encode.
struct Encoder {
  BpeModel::Workspace workspace;
  WordCache cache;
  std::vector<TokenId> word_ids;
};

// Encoders that nobody is using at the moment. One lock a text, none a word, and no more encoders than texts
// that were ever encoded at once.
class EncoderPool {
 public:
  std::unique_ptr<Encoder> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<Encoder>();
    auto encoder = std::move(idle_.back());
    idle_.pop_back();
    return encoder;
  }

  void give_back(std::unique_ptr<Encoder> encoder) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(encoder));
  }

 private:
  std::mutex mutex_;
  std::vector<std::unique_ptr<Encoder>> idle_;
};

std::vector<AddedToken> added_tokens(const ByteLevelBpeDefinition& definition, bool normalized) {
  std::vector<AddedToken> tokens;
  std::copy_if(definition.added_tokens.begin(), definition.added_tokens.end(), std::back_inserter(tokens),
               [&](const AddedToken& token) { return token.normalized == normalized; });
  return tokens;
}

std::vector<SpecialToken> special_tokens_of(const ByteLevelBpeDefinition& definition) {
  std::vector<SpecialToken> tokens;
  for (const AddedToken& token : definition.added_tokens) {
    if (token.special) tokens.push_back({token.id, token.content});
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return tokens;
}

std::optional<std::int64_t> end_of_text_of(const ByteLevelBpeDefinition& definition) {
  if (!definition.end_of_text) return std::nullopt;
  for (const AddedToken& token : definition.added_tokens) {
    if (token.content == *definition.end_of_text) return token.id;
  }
  throw Error(definition.vocabulary_file + ": error: the end-of-text token '" + *definition.end_of_text +
              "' is not among the added tokens; add it there");
}

// Every length stands before what it measures, so that no two definitions give the same text.
std::string identity_of(const ByteLevelBpeDefinition& definition) {
  std::string all = "byte-level BPE";
  const auto number = [&](std::int64_t value) {
    all.append(reinterpret_cast<const char*>(&value), sizeof value);
  };
  const auto text = [&](std::string_view value) {
    number(static_cast<std::int64_t>(value.size()));
    all += value;
  };
  // Every member is named: one that is added and forgotten here does not compile.
  const auto& [vocabulary, merges, added, add_prefix_space, end_of_text, vocabulary_file, merges_file] =
      definition;
  number(static_cast<std::int64_t>(vocabulary.size()));
  for (const auto& [token, id] : vocabulary) text(token), number(id);
  number(static_cast<std::int64_t>(merges.size()));
  for (const auto& [left, right] : merges) text(left), text(right);
  number(static_cast<std::int64_t>(added.size()));
  for (const auto& [id, content, special, lstrip, rstrip, normalized] : added) {
    number(id);
    text(content);
    for (const bool flag : {special, lstrip, rstrip, normalized}) number(flag);
  }
  number(add_prefix_space);
  text(end_of_text.value_or(""));
  return xxh3(all);
}

// Calls `on_token(id)` for each added token and `on_text(part)` for what lies between them, in order.
template <typename OnToken, typename OnText>
void split(const AddedTokenFinder& finder, std::string_view text, Special special, OnToken on_token,
           OnText on_text) {
  std::size_t from = 0;
  while (from < text.size()) {
    const auto match = finder.find(text, from, special);
    const std::size_t end = match.token ? match.begin : text.size();
    if (end > from) on_text(text.substr(from, end - from));
    if (match.token == nullptr) return;
    on_token(match.token->id);
    from = match.end;
  }
}

class ByteLevelBpe final : public Tokenizer {
 public:
  ByteLevelBpe(const ByteLevelBpeDefinition& definition, const VocabularyIndex& index)
      : model_(index.byte_ids(), index.merges()),
        table_(definition),
        verbatim_(added_tokens(definition, false)),
        normalized_(added_tokens(definition, true)),
        special_tokens_(special_tokens_of(definition)),
        end_of_text_(end_of_text_of(definition)),
        add_prefix_space_(definition.add_prefix_space),
        identity_(identity_of(definition)) {}

  std::vector<std::int64_t> encode(std::string_view text) const override {
    return encode(text, Special::recognised);
  }

  std::vector<std::int64_t> encode_ordinary(std::string_view text) const override {
    return encode(text, Special::plain_text);
  }

  std::string decode(std::span<const std::int64_t> ids, bool skip_special) const override {
    std::string bytes;
    for (const std::int64_t id : ids) {
      const TokenTable::Token* token = table_.find(id);
      if (token != nullptr && !(skip_special && token->special)) bytes += token->bytes;
    }
    return bytes;
  }

  std::int64_t vocab_size() const override { return table_.size(); }
  std::optional<std::int64_t> end_of_text() const override { return end_of_text_; }
  const std::string& identity() const override { return identity_; }
  const std::vector<SpecialToken>& special_tokens() const override { return special_tokens_; }

 private:
  std::vector<std::int64_t> encode(std::string_view text, Special special) const {
    if (valid_utf8_prefix(text) != text.size()) {
      std::string repaired(text);
      replace_invalid_utf8(repaired);
      return encode(repaired, special);
    }
    std::vector<std::int64_t> ids;
    ids.reserve(text.size() / 4 + 8);
    auto encoder = pool_.take();
    const auto on_token = [&](std::int64_t id) { ids.push_back(id); };
    split(verbatim_, text, special, on_token, [&](std::string_view part) {
      split(normalized_, part, special, on_token,
            [&](std::string_view words) { encode_words(words, *encoder, ids); });
    });
    pool_.give_back(std::move(encoder));
    return ids;
  }

  void encode_words(std::string_view text, Encoder& encoder, std::vector<std::int64_t>& ids) const {
    std::string prefixed;
    if (add_prefix_space_ && text.front() != ' ') {
      prefixed.append(" ").append(text);
      text = prefixed;
    }
    while (!text.empty()) {
      const std::string_view word = text.substr(0, first_gpt2_word(text));
      text.remove_prefix(word.size());
      auto known = encoder.cache.find(word);
      if (known.empty()) {
        encoder.word_ids.clear();
        model_.encode_word(word, encoder.workspace, encoder.word_ids);
        encoder.cache.insert(word, encoder.word_ids);
        known = encoder.word_ids;
      }
      ids.insert(ids.end(), known.begin(), known.end());
    }
  }

  BpeModel model_;
  TokenTable table_;
  AddedTokenFinder verbatim_;
  AddedTokenFinder normalized_;
  std::vector<SpecialToken> special_tokens_;
  std::optional<std::int64_t> end_of_text_;
  bool add_prefix_space_;
  std::string identity_;
  mutable EncoderPool pool_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_byte_level_bpe(const ByteLevelBpeDefinition& definition) {
  return std::make_unique<ByteLevelBpe>(definition, VocabularyIndex(definition));
}

}  // namespace peft::host
