// Text to token ids and back, the same ids as Hugging Face's tokenizers give.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

// A token that stands for something other than text, such as <|endoftext|>.
struct SpecialToken {
  std::int64_t id = 0;
  std::string content;
};

// What the special tokens of a folder are there for, as its configuration names them.
template <typename Token>
struct SpecialRoles {
  std::optional<Token> bos, eos, unk, sep, pad, cls, mask;
};
using SpecialTokenNames = SpecialRoles<std::string>;
using SpecialTokenIds = SpecialRoles<std::int64_t>;

// Immutable: every method may be called from any thread.
class Tokenizer {
 public:
  Tokenizer() = default;
  Tokenizer(const Tokenizer&) = delete;
  Tokenizer& operator=(const Tokenizer&) = delete;
  virtual ~Tokenizer();

  // The text's ids. No special token is added. Special and added tokens that occur in the text are
  // recognised. `text` is UTF-8; malformed sequences count as U+FFFD (count them beforehand with
  // replace_invalid_utf8).
  virtual std::vector<std::int64_t> encode(std::string_view text) const = 0;

  // The same, but special tokens in the text are plain text (Hugging Face's split_special_tokens): for text
  // from outside, which must not be able to end a turn. Added tokens that are not special are still
  // recognised.
  virtual std::vector<std::int64_t> encode_ordinary(std::string_view text) const = 0;

  // With the special tokens that the tokenizer's post-processor puts around a text: [CLS] … [SEP], … </s>,
  // <s> …; or none.
  virtual std::vector<std::int64_t> with_special_tokens(std::vector<std::int64_t> ids) const = 0;
  // The same of a pair: [CLS] first [SEP] second [SEP].
  virtual std::vector<std::int64_t> with_special_tokens(std::span<const std::int64_t> first,
                                                        std::span<const std::int64_t> second) const = 0;
  // How many ids that adds to one text.
  virtual std::int64_t special_tokens_added() const = 0;

  // As Hugging Face's decode. Where a token is a part of a character these are the tokens' bytes, end to end,
  // so not necessarily UTF-8. Ids that no token has (a model's vocabulary may be padded) give nothing.
  // `skip_special` leaves special tokens out.
  virtual std::string decode(std::span<const std::int64_t> ids, bool skip_special = false) const = 0;

  // How much of `text`, which `decode` gave for some tokens, stays as it is whatever tokens follow. `last` is
  // the last of them.
  virtual std::size_t settled_prefix(std::string_view text, std::int64_t last) const = 0;

  // The largest id + 1: what a model's embedding must hold at least.
  virtual std::int64_t vocab_size() const = 0;

  // The token that ends a text (the folder's eos_token), if there is one.
  virtual std::optional<std::int64_t> end_of_text() const = 0;

  // The special tokens by what they are there for.
  virtual const SpecialTokenIds& special_ids() const = 0;

  // A hash of all that decides what `encode` gives: two tokenizers that differ in anything have another one.
  virtual const std::string& identity() const = 0;

  // In order of their ids.
  virtual const std::vector<SpecialToken>& special_tokens() const = 0;
};

// Reads the tokenizer of a model folder in Hugging Face's layout: `tokenizer.json`, else `vocab.json` and
// `merges.txt`, else BERT's `vocab.txt`, else SentencePiece's `spiece.model` or `tokenizer.model`; in all
// cases with `tokenizer_config.json`, `special_tokens_map.json` and the older `added_tokens.json` where they
// are there. Throws peft::Error naming the file where one is missing, damaged, contradicts itself, or asks
// for something that is not supported.
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder);

}  // namespace peft::host
