#include "tokenizer/tokenizer.h"

#include "peft/error.h"
#include "tokenizer/byte_level_bpe.h"
#include "tokenizer/special_tokens_config.h"
#include "tokenizer/tokenizer_json.h"
#include "tokenizer/vocab_and_merges.h"

namespace peft::host {

Tokenizer::~Tokenizer() = default;

// Other kinds (WordPiece, SentencePiece, BPE with byte fallback) are told apart here, by what the folder
// holds.
std::unique_ptr<Tokenizer> load_tokenizer(const std::filesystem::path& folder) {
  const auto tokenizer_json = folder / "tokenizer.json";
  const auto vocab_json = folder / "vocab.json";
  const auto merges_txt = folder / "merges.txt";
  ByteLevelBpeDefinition definition;
  if (std::filesystem::exists(tokenizer_json)) {
    definition = read_byte_level_tokenizer_json(tokenizer_json);
  } else if (std::filesystem::exists(vocab_json) && std::filesystem::exists(merges_txt)) {
    definition = read_vocab_and_merges(vocab_json, merges_txt);
  } else {
    const bool half = std::filesystem::exists(vocab_json) || std::filesystem::exists(merges_txt);
    throw Error(
        folder.string() + ": error: " + (half ? "only one of vocab.json and merges.txt" : "no tokenizer") +
        " found, expected tokenizer.json, or vocab.json and merges.txt; copy them from the model's source");
  }
  read_special_tokens_config(folder, definition);
  return make_byte_level_bpe(definition);
}

}  // namespace peft::host
