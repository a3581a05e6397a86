#include "tokenizer/tokenizer_json.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/json.h"
#include "peft/error.h"
#include "tokenizer/added_token_json.h"
#include "tokenizer/component.h"

namespace peft::host {
namespace {

[[noreturn]] void fail_on_damage(const std::string& message) {
  throw Error(message + "; the file is damaged, fetch it again");
}

// ["a", "b"], or "a b" in files of tokenizers before 0.20.
std::pair<std::string, std::string> read_merge(const Value& merge) {
  if (merge.is_text()) {
    const std::string& text = merge.as_text();
    const std::size_t space = text.find(' ');
    if (space != std::string::npos && text.find(' ', space + 1) == std::string::npos) {
      return {text.substr(0, space), text.substr(space + 1)};
    }
    fail_on_damage("the merge '" + text + "' found, expected two tokens with a space between them");
  }
  const Value::List& pair = merge.as_list();
  if (pair.size() != 2) {
    fail_on_damage("a merge of " + std::to_string(pair.size()) + " tokens found, expected two");
  }
  return {pair[0].as_text(), pair[1].as_text()};
}

// {"token": 0, …}
void read_vocabulary_map(const Value& vocab, TokenizerDefinition& definition) {
  for (const auto& [token, id] : vocab.as_map()) definition.vocabulary.emplace_back(token, id.as_integer());
}

BpeDefinition read_bpe(const Component& model, TokenizerDefinition& definition) {
  // unk_token and fuse_unk are about characters outside the vocabulary: a byte-level one has none.
  model.only_keys({"dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
                   "byte_fallback", "ignore_merges", "vocab", "merges"});
  for (const std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
    const std::string affix = model.text(key, "");
    if (!affix.empty()) model.refuse(key, "'" + affix + "'", "none");
  }
  if (const Value* dropout = model.find("dropout"); dropout && dropout->as_number() != 0.0) {
    model.refuse("dropout", dump_json(*dropout), "none");
  }
  read_vocabulary_map(model.at("vocab"), definition);
  BpeDefinition bpe;
  for (const Value& merge : model.at("merges").as_list()) bpe.merges.push_back(read_merge(merge));
  if (const Value* unk = model.find("unk_token")) bpe.unk_token = unk->as_text();
  bpe.fuse_unk = model.flag("fuse_unk", false);
  bpe.byte_fallback = model.flag("byte_fallback", false);
  bpe.ignore_merges = model.flag("ignore_merges", false);
  return bpe;
}

WordPieceDefinition read_word_piece(const Component& model, TokenizerDefinition& definition) {
  model.only_keys({"unk_token", "continuing_subword_prefix", "max_input_chars_per_word", "vocab"});
  read_vocabulary_map(model.at("vocab"), definition);
  WordPieceDefinition word_piece;
  word_piece.unk_token = model.text("unk_token", word_piece.unk_token);
  word_piece.continuing_subword_prefix =
      model.text("continuing_subword_prefix", word_piece.continuing_subword_prefix);
  word_piece.max_input_chars_per_word =
      model.integer("max_input_chars_per_word", word_piece.max_input_chars_per_word);
  return word_piece;
}

// [["▁the", -3.2], …]: the place in the list is the id.
UnigramDefinition read_unigram(const Component& model, TokenizerDefinition& definition) {
  model.only_keys({"unk_id", "vocab", "byte_fallback"});
  UnigramDefinition unigram;
  for (const Value& piece : model.at("vocab").as_list()) {
    const Value::List& pair = piece.as_list();
    if (pair.size() != 2) {
      fail_on_damage("a piece of " + std::to_string(pair.size()) + " items found, expected text and score");
    }
    definition.vocabulary.emplace_back(pair[0].as_text(),
                                       static_cast<std::int64_t>(definition.vocabulary.size()));
    unigram.scores.push_back(pair[1].as_number());
  }
  if (const Value* unk = model.find("unk_id")) unigram.unk_id = unk->as_integer();
  unigram.byte_fallback = model.flag("byte_fallback", false);
  return unigram;
}

// Older files do not name the model's type; the keys tell.
Value with_type(const Value& model) {
  if (model.find("type") != nullptr) return model;
  Value typed = model;
  const bool unigram = model.at("vocab").is_list();
  typed.set("type", model.find("merges") ? "BPE" : unigram ? "Unigram" : "WordPiece");
  return typed;
}

void read_model(const Value& description, TokenizerDefinition& definition) {
  const Value typed = with_type(description);
  const Component model("model", typed);
  if (model.type() == "BPE") {
    definition.model = read_bpe(model, definition);
  } else if (model.type() == "WordPiece") {
    definition.model = read_word_piece(model, definition);
  } else if (model.type() == "Unigram") {
    definition.model = read_unigram(model, definition);
  } else {
    model.refuse_type({"BPE", "WordPiece", "Unigram"});
  }
}

void check_keys(const Value& root) {
  constexpr std::string_view known[] = {"version",        "truncation", "padding",
                                        "added_tokens",   "normalizer", "pre_tokenizer",
                                        "post_processor", "decoder",    "model"};
  for (const auto& [key, value] : root.as_map()) {
    if (std::find(std::begin(known), std::end(known), key) == std::end(known)) {
      throw Error("unknown key '" + key +
                  "' found, expected the parts that the tokenizers library writes; it may change the ids, so "
                  "take a tokenizer without it");
    }
  }
}

TokenizerDefinition read(const Value& root) {
  check_keys(root);
  TokenizerDefinition definition;
  const auto part = [&](std::string_view key) {
    const Value* found = root.find(key);
    return found == nullptr ? Value() : *found;
  };
  definition.normalizer = part("normalizer");
  definition.pre_tokenizer = part("pre_tokenizer");
  definition.post_processor = part("post_processor");
  definition.decoder = part("decoder");
  read_model(root.at("model"), definition);
  if (const Value added = part("added_tokens"); !added.is_null()) {
    for (const Value& token : added.as_list()) definition.added_tokens.push_back(read_added_token(token));
  }
  return definition;
}

}  // namespace

TokenizerDefinition read_tokenizer_json(const std::filesystem::path& path) {
  const std::string file = path.string();
  const Value root = read_json_file(file);
  try {
    TokenizerDefinition definition = read(root);
    definition.vocabulary_file = definition.merges_file = file;
    return definition;
  } catch (const Error& problem) {
    throw Error(file + ": error: " + problem.what());
  }
}

}  // namespace peft::host
