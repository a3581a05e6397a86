#include "tokenizer/vocab_txt.h"

#include <string_view>
#include <unordered_map>

#include "base/files.h"
#include "base/utf8.h"
#include "peft/error.h"

namespace peft::host {
namespace {

void read_entries(const std::string& file, std::string_view content, TokenizerDefinition& definition) {
  std::unordered_map<std::string_view, std::int64_t> lines;
  while (!content.empty()) {
    const std::size_t end = content.find('\n');
    std::string_view entry = content.substr(0, end);
    content.remove_prefix(end == std::string_view::npos ? content.size() : end + 1);
    if (entry.ends_with('\r')) entry.remove_suffix(1);
    const auto id = static_cast<std::int64_t>(definition.vocabulary.size());
    const auto [known, is_new] = lines.emplace(entry, id);
    if (!is_new) {
      throw Error(file + ":" + std::to_string(id + 1) + ":1: error: '" + std::string(entry) +
                  "' found, which line " + std::to_string(known->second + 1) +
                  " is too, expected each entry once; fetch the file again");
    }
    definition.vocabulary.emplace_back(entry, id);
  }
}

}  // namespace

TokenizerDefinition read_vocab_txt(const std::filesystem::path& path) {
  TokenizerDefinition definition;
  definition.vocabulary_file = definition.merges_file = path.string();
  const std::string content = read_file(definition.vocabulary_file);
  if (valid_utf8_prefix(content) != content.size()) {
    throw Error(definition.vocabulary_file +
                ": error: bytes that are not UTF-8 found, expected text; fetch the file again");
  }
  read_entries(definition.vocabulary_file, content, definition);
  definition.model = WordPieceDefinition{};
  definition.normalizer = Value::Map{{"type", "BertNormalizer"}};
  definition.pre_tokenizer = Value::Map{{"type", "BertPreTokenizer"}};
  definition.decoder = Value::Map{{"type", "WordPiece"}};
  return definition;
}

}  // namespace peft::host
