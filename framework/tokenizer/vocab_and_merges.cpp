#include "tokenizer/vocab_and_merges.h"

#include <string_view>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "peft/error.h"

namespace peft::host {
namespace {

void read_vocab(const std::string& file, TokenizerDefinition& definition) {
  const Value root = read_json_file(file);
  if (!root.is_map()) {
    throw Error(file + ": error: " + std::string(type_name(root.type())) +
                " found, expected an object of tokens and their ids; fetch the file again");
  }
  for (const auto& [token, id] : root.as_map()) {
    if (!id.is_integer()) {
      throw Error(file + ": error: token '" + token + "' has " + std::string(type_name(id.type())) +
                  " for its id, expected an integer; fetch the file again");
    }
    definition.vocabulary.emplace_back(token, id.as_integer());
  }
}

// "#version: 0.2", then a merge a line: two tokens with a space between them.
void read_merges(const std::string& file, BpeDefinition& definition) {
  const std::string content = read_file(file);
  std::string_view rest = content;
  for (std::size_t number = 1; !rest.empty(); ++number) {
    const std::size_t end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.starts_with("#version") || line.empty()) continue;
    const std::size_t space = line.find(' ');
    if (space == 0 || space == std::string_view::npos || space + 1 == line.size() ||
        line.find(' ', space + 1) != std::string_view::npos) {
      throw Error(file + ":" + std::to_string(number) + ":1: error: '" + std::string(line) +
                  "' found, expected two tokens with a space between them; fetch the file again");
    }
    definition.merges.emplace_back(line.substr(0, space), line.substr(space + 1));
  }
}

}  // namespace

TokenizerDefinition read_vocab_and_merges(const std::filesystem::path& vocab_json,
                                          const std::filesystem::path& merges_txt) {
  TokenizerDefinition definition;
  definition.vocabulary_file = vocab_json.string();
  definition.merges_file = merges_txt.string();
  read_vocab(definition.vocabulary_file, definition);
  BpeDefinition bpe;
  read_merges(definition.merges_file, bpe);
  definition.model = std::move(bpe);
  definition.pre_tokenizer = Value::Map{{"type", "ByteLevel"}, {"add_prefix_space", false}};
  definition.decoder = Value::Map{{"type", "ByteLevel"}};
  return definition;
}

}  // namespace peft::host
