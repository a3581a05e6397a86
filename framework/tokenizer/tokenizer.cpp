#include "tokenizer/tokenizer.h"

#include "base/json.h"
#include "peft/error.h"
#include "tokenizer/definition.h"
#include "tokenizer/sentence_piece_model.h"
#include "tokenizer/special_tokens_config.h"
#include "tokenizer/tokenizer_files.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/vocab_and_merges.h"
#include "tokenizer/vocab_txt.h"

namespace peft::host {

Tokenizer::~Tokenizer() = default;

namespace {

// What the folder's files describe; which of them count is told by what is there.
TokenizerDefinition read_definition(const std::filesystem::path& folder) {
  const auto has = [&](const char* name) { return std::filesystem::exists(folder / name); };
  if (has("tokenizer.json")) return read_tokenizer_json(folder / "tokenizer.json");
  if (has("vocab.json") && has("merges.txt")) {
    return read_vocab_and_merges(folder / "vocab.json", folder / "merges.txt");
  }
  if (has("vocab.txt")) return read_vocab_txt(folder / "vocab.txt");
  for (const char* name : {"spiece.model", "tokenizer.model"}) {
    if (!has(name)) continue;
    const bool configured = has("tokenizer_config.json");
    const Value config =
        configured ? read_json_file((folder / "tokenizer_config.json").string()) : Value(Value::Map());
    return read_sentence_piece_model(folder / name, config);
  }
  const bool half = has("vocab.json") || has("merges.txt");
  throw Error(
      folder.string() + ": error: " + (half ? "only one of vocab.json and merges.txt" : "no tokenizer") +
      " found, expected " + std::string(enough_for_a_tokenizer) + "; copy them from the model's source");
}

}  // namespace

std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder) {
  TokenizerDefinition definition = read_definition(folder);
  read_special_tokens_config(folder, definition);
  auto* word_piece = std::get_if<WordPieceDefinition>(&definition.model);
  if (word_piece && definition.special.unk) word_piece->unk_token = *definition.special.unk;
  return make_tokenizer(definition);
}

}  // namespace peft::host
