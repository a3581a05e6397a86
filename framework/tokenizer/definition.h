// What a folder says about its tokenizer, whichever files it says it in: every format becomes this, and
// this becomes a tokenizer.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "peft/value.h"
#include "tokenizer/added_tokens.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

using Vocabulary = std::vector<std::pair<std::string, std::int64_t>>;  // entries and their ids

// Byte pair encoding: of bytes where the pre-tokenizer ends in ByteLevel, else of characters.
struct BpeDefinition {
  std::vector<std::pair<std::string, std::string>> merges;  // by falling priority
  std::optional<std::string> unk_token;                     // for characters that the vocabulary lacks
  bool fuse_unk = false;                                    // one for a whole run of them
  bool byte_fallback = false;                               // or their bytes, as <0x00> to <0xFF>
  bool ignore_merges = false;  // a word that is an entry of the vocabulary is that entry
};

// The longest entry that begins the word, then the longest that goes on, and so forth.
struct WordPieceDefinition {
  std::string unk_token = "[UNK]";  // a whole word that cannot be put together
  std::string continuing_subword_prefix = "##";
  std::int64_t max_input_chars_per_word = 100;
};

// The division of the highest score.
struct UnigramDefinition {
  std::vector<double> scores;  // of each entry, in the vocabulary's order
  std::optional<std::int64_t> unk_id;
  bool byte_fallback = false;
};

using ModelDefinition = std::variant<BpeDefinition, WordPieceDefinition, UnigramDefinition>;

struct TokenizerDefinition {
  Vocabulary vocabulary;
  ModelDefinition model;
  std::vector<AddedToken> added_tokens;

  // As tokenizer.json writes them; null: none.
  Value normalizer;
  Value pre_tokenizer;
  Value post_processor;
  Value decoder;

  SpecialTokenNames special;
  bool clean_up_tokenization_spaces = false;

  std::string vocabulary_file;  // for messages
  std::string merges_file;
};

// Throws peft::Error naming the file that contradicts itself or the other one.
std::unique_ptr<Tokenizer> make_tokenizer(const TokenizerDefinition& definition);

}  // namespace peft::host
