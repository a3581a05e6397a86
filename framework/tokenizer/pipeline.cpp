// The stages of a tokenizer, one after the other: added tokens, normalizer, pre-tokenizer, model; and back by
// the decoder.
#include <algorithm>
#include <iterator>

#include "base/utf8.h"
#include "peft/error.h"
#include "tokenizer/component.h"
#include "tokenizer/decoder.h"
#include "tokenizer/decoders/clean_up.h"
#include "tokenizer/definition.h"
#include "tokenizer/encoder_pool.h"
#include "tokenizer/identity.h"
#include "tokenizer/meta_space.h"
#include "tokenizer/models/byte_bpe.h"
#include "tokenizer/models/character_bpe.h"
#include "tokenizer/models/unigram.h"
#include "tokenizer/models/word_piece.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/post_processor.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/vocabulary.h"

namespace peft::host {
namespace {

using Special = AddedTokenFinder::Special;

// As they are looked for, and shown: normalized ones in their normalized form.
std::vector<AddedToken> added_tokens(const TokenizerDefinition& definition, const Normalizer* normalizer) {
  std::vector<AddedToken> tokens = definition.added_tokens;
  for (AddedToken& token : tokens) {
    if (token.normalized && normalizer != nullptr) normalizer->normalize(token.content);
  }
  return tokens;
}

// Those that are looked for in the text as it is, or (`normalized`) once it is normalized.
AddedTokenFinder finder_of(const std::vector<AddedToken>& all, bool normalized) {
  std::vector<AddedToken> tokens;
  std::copy_if(all.begin(), all.end(), std::back_inserter(tokens), [&](const AddedToken& token) {
    return token.normalized == normalized && !token.content.empty();
  });
  return AddedTokenFinder(std::move(tokens));
}

std::vector<SpecialToken> special_tokens_of(const TokenizerDefinition& definition) {
  std::vector<SpecialToken> tokens;
  for (const AddedToken& token : definition.added_tokens) {
    if (token.special) tokens.push_back({token.id, token.content});
  }
  std::sort(tokens.begin(), tokens.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
  return tokens;
}

SpecialTokenIds special_ids_of(const TokenizerDefinition& definition) {
  const auto id_of = [&](const std::optional<std::string>& name) -> std::optional<std::int64_t> {
    if (!name) return std::nullopt;
    for (const AddedToken& token : definition.added_tokens) {
      if (token.content == *name) return token.id;
    }
    throw Error("the special token '" + *name + "' is not among the added tokens; add it there");
  };
  const auto& [bos, eos, unk, sep, pad, cls, mask] = definition.special;
  return {id_of(bos), id_of(eos), id_of(unk), id_of(sep), id_of(pad), id_of(cls), id_of(mask)};
}

std::unique_ptr<Model> make_model(const TokenizerDefinition& definition, const VocabularyIndex& vocabulary) {
  if (const auto* word_piece = std::get_if<WordPieceDefinition>(&definition.model)) {
    return std::make_unique<WordPiece>(*word_piece, vocabulary);
  }
  if (const auto* unigram = std::get_if<UnigramDefinition>(&definition.model)) {
    return std::make_unique<Unigram>(*unigram, vocabulary);
  }
  const auto& bpe = std::get<BpeDefinition>(definition.model);
  if (ends_in_bytes(definition.pre_tokenizer)) return std::make_unique<ByteBpe>(bpe, vocabulary);
  return std::make_unique<CharacterBpe>(bpe, vocabulary);
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

// Before each ▁ that follows another character.
void cut_before_meta_space(Words& words) {
  words.split([](std::string_view text, auto emit) {
    std::size_t begin = 0;
    std::size_t after = 0;  // the mark found last
    for (std::size_t at = text.find(meta_space); at != std::string_view::npos;
         at = text.find(meta_space, after)) {
      if (at > after) {
        emit(text.substr(begin, at - begin));
        begin = at;
      }
      after = at + meta_space.size();
    }
    emit(text.substr(begin));
  });
}

// Null where the tokens are bytes.
std::unique_ptr<Decoder> decoder_of(const TokenizerDefinition& definition) {
  if (!ends_in_bytes(definition.pre_tokenizer)) return make_decoder(definition.decoder);
  if (!definition.decoder.is_null()) {
    const Component decoder("decoder", definition.decoder);
    if (decoder.type() != "ByteLevel") decoder.refuse_type({"ByteLevel, as the pre-tokenizer ends in it"});
  }
  return nullptr;
}

class Pipeline final : public Tokenizer {
 public:
  Pipeline(const TokenizerDefinition& definition, const VocabularyIndex& vocabulary,
           const std::vector<AddedToken>& added, std::unique_ptr<Normalizer> normalizer)
      : normalizer_(std::move(normalizer)),
        pre_tokenizer_(make_pre_tokenizer(definition.pre_tokenizer)),
        model_(make_model(definition, vocabulary)),
        post_processor_(definition.post_processor),
        special_tokens_added_(post_processor_.added()),
        table_(definition.vocabulary, added, ends_in_bytes(definition.pre_tokenizer)),
        decoder_(decoder_of(definition)),
        clean_up_(definition.clean_up_tokenization_spaces &&
                  !std::holds_alternative<BpeDefinition>(definition.model)),
        verbatim_(finder_of(added, false)),
        normalized_(finder_of(added, true)),
        special_tokens_(special_tokens_of(definition)),
        special_ids_(special_ids_of(definition)),
        identity_(identity_of(definition)),
        pool_(*model_) {}

  std::vector<std::int64_t> encode(std::string_view text) const override {
    return encode(text, Special::recognised);
  }

  std::vector<std::int64_t> encode_ordinary(std::string_view text) const override {
    return encode(text, Special::plain_text);
  }

  std::vector<std::int64_t> with_special_tokens(std::vector<std::int64_t> ids) const override {
    return special_tokens_added_ == 0 ? ids : post_processor_.process(ids);
  }

  std::vector<std::int64_t> with_special_tokens(std::span<const std::int64_t> first,
                                                std::span<const std::int64_t> second) const override {
    return post_processor_.process(first, second);
  }

  std::int64_t special_tokens_added() const override { return special_tokens_added_; }

  std::string decode(std::span<const std::int64_t> ids, bool skip_special) const override {
    std::string text;
    std::vector<std::string> tokens;
    for (const std::int64_t id : ids) {
      const TokenTable::Token* token = table_.find(id);
      if (token == nullptr || (skip_special && token->special)) continue;
      if (decoder_) {
        tokens.push_back(token->text);
      } else {
        text += token->text;  // bytes
      }
    }
    if (decoder_) {
      decoder_->decode(tokens);
      for (const std::string& token : tokens) text += token;
      if (clean_up_) clean_up_tokenization(text);
    }
    return text;
  }

  std::size_t settled_prefix(std::string_view text, std::int64_t last) const override {
    if (!decoder_) return complete_utf8_prefix(text);
    const TokenTable::Token* token = table_.find(last);
    if (token != nullptr && decoder_->depends_on_next(token->text)) return 0;
    return clean_up_ ? cleaned_up_prefix(text) : text.size();
  }

  std::int64_t vocab_size() const override { return table_.size(); }
  std::optional<std::int64_t> end_of_text() const override { return special_ids_.eos; }
  const SpecialTokenIds& special_ids() const override { return special_ids_; }
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
      const bool begins_text = part.data() == text.data();
      if (normalizer_) {
        encoder->normalized.assign(part);
        normalizer_->normalize(encoder->normalized);
        part = encoder->normalized;
      }
      const std::string_view whole = part;
      split(normalized_, whole, special, on_token, [&](std::string_view words) {
        encoder->words.assign(words, begins_text && words.data() == whole.data());
        encode_words(*encoder, ids);
      });
    });
    pool_.give_back(std::move(encoder));
    return ids;
  }

  void encode_words(Encoder& encoder, std::vector<std::int64_t>& ids) const {
    if (pre_tokenizer_) pre_tokenizer_->pre_tokenize(encoder.words);
    if (model_->words_begin_at_meta_space()) cut_before_meta_space(encoder.words);
    for (const std::string_view word : encoder.words.words()) {
      auto known = encoder.cache.find(word);
      if (known.empty()) {
        encoder.word_ids.clear();
        model_->encode_word(word, *encoder.workspace, encoder.word_ids);
        if (!encoder.word_ids.empty()) encoder.cache.insert(word, encoder.word_ids);
        known = encoder.word_ids;
      }
      ids.insert(ids.end(), known.begin(), known.end());
    }
  }

  std::unique_ptr<Normalizer> normalizer_;
  std::unique_ptr<PreTokenizer> pre_tokenizer_;
  std::unique_ptr<Model> model_;
  PostProcessor post_processor_;
  std::int64_t special_tokens_added_;
  TokenTable table_;
  std::unique_ptr<Decoder> decoder_;  // null: the tokens are bytes
  bool clean_up_;
  AddedTokenFinder verbatim_;
  AddedTokenFinder normalized_;
  std::vector<SpecialToken> special_tokens_;
  SpecialTokenIds special_ids_;
  std::string identity_;
  mutable EncoderPool pool_;
};

}  // namespace

std::unique_ptr<Tokenizer> make_tokenizer(const TokenizerDefinition& definition) {
  try {
    std::unique_ptr<Normalizer> normalizer = make_normalizer(definition.normalizer);
    const std::vector<AddedToken> added = added_tokens(definition, normalizer.get());
    return std::make_unique<Pipeline>(definition, VocabularyIndex(definition), added, std::move(normalizer));
  } catch (const Error& problem) {
    const std::string_view message = problem.what();
    const bool names_file =
        message.starts_with(definition.vocabulary_file) || message.starts_with(definition.merges_file);
    if (names_file && !definition.vocabulary_file.empty()) throw;
    throw Error(definition.vocabulary_file + ": error: " + std::string(message));
  }
}

}  // namespace peft::host
