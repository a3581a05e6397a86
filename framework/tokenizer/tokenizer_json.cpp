#include "tokenizer/tokenizer_json.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "base/json.h"
#include "peft/error.h"
#include "tokenizer/added_token_json.h"

namespace peft::host {
namespace {

constexpr std::string_view remedy = "; supported is byte-level BPE as GPT-2's: use a tokenizer of that kind";

class Reader {
 public:
  explicit Reader(const std::filesystem::path& file) : file_(file.string()), root_(read_json_file(file_)) {}

  ByteLevelBpeDefinition read() const {
    try {
      return definition();
    } catch (const Error& problem) {  // of a value's type, or a missing key, without the file's name
      if (std::string_view(problem.what()).starts_with(file_)) throw;
      throw Error(file_ + ": error: " + problem.what() +
                  "; the file is not as the tokenizers library writes it");
    }
  }

 private:
  ByteLevelBpeDefinition definition() const {
    only_keys("the file", root_,
              {"version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
               "post_processor", "decoder", "model"});
    if (const Value* normalizer = root_.find("normalizer"); normalizer && !normalizer->is_null()) {
      fail("normalizer '" + type_of(*normalizer) + "' found, expected none");
    }
    check_decoder();
    ByteLevelBpeDefinition definition;
    definition.vocabulary_file = definition.merges_file = file_;
    definition.add_prefix_space = read_pre_tokenizer();
    read_model(definition);
    if (const Value* added = root_.find("added_tokens"); added && !added->is_null()) {
      for (const Value& token : added->as_list()) definition.added_tokens.push_back(read_added_token(token));
    }
    return definition;
  }

  void check_decoder() const {
    const Value* decoder = root_.find("decoder");
    if (decoder == nullptr || decoder->is_null()) return;
    if (type_of(*decoder) != "ByteLevel")
      fail("decoder '" + type_of(*decoder) + "' found, expected 'ByteLevel'");
  }

  // Whether a space is put in front.
  bool read_pre_tokenizer() const {
    const Value& found = root_.at("pre_tokenizer");
    if (found.is_null()) fail("no pre-tokenizer found, expected 'ByteLevel'");
    if (type_of(found) != "ByteLevel") {
      fail("pre-tokenizer '" + type_of(found) + "' found, expected 'ByteLevel'");
    }
    only_keys("pre_tokenizer", found, {"type", "add_prefix_space", "trim_offsets", "use_regex"});
    if (const Value* use_regex = found.find("use_regex"); use_regex && !use_regex->as_boolean()) {
      fail("pre_tokenizer.use_regex is false, expected true");
    }
    return found.at("add_prefix_space").as_boolean();
  }

  void read_model(ByteLevelBpeDefinition& definition) const {
    const Value& model = root_.at("model");
    const Value* type = model.find("type");  // older files do not say; the keys tell
    if (type != nullptr && type->as_text() != "BPE")
      fail("model '" + type->as_text() + "' found, expected 'BPE'");
    // unk_token and fuse_unk are about characters outside the vocabulary: a byte-level one has none.
    only_keys("model", model,
              {"type", "dropout", "unk_token", "continuing_subword_prefix", "end_of_word_suffix", "fuse_unk",
               "byte_fallback", "ignore_merges", "vocab", "merges"});
    for (const std::string_view key : {"continuing_subword_prefix", "end_of_word_suffix"}) {
      const Value* affix = model.find(key);
      if (affix && !affix->is_null() && !affix->as_text().empty()) fail_on_setting(key, "none");
    }
    for (const std::string_view key : {"byte_fallback", "ignore_merges"}) {
      const Value* flag = model.find(key);
      if (flag && !flag->is_null() && flag->as_boolean()) fail_on_setting(key, "false");
    }
    const Value* dropout = model.find("dropout");
    if (dropout && !dropout->is_null() && dropout->as_number() != 0.0) fail_on_setting("dropout", "none");

    for (const auto& [token, id] : model.at("vocab").as_map()) {
      definition.vocabulary.emplace_back(token, id.as_integer());
    }
    for (const Value& merge : model.at("merges").as_list()) definition.merges.push_back(read_merge(merge));
  }

  // ["a", "b"], or "a b" in files of tokenizers before 0.20.
  std::pair<std::string, std::string> read_merge(const Value& merge) const {
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

  std::string type_of(const Value& part) const { return part.at("type").as_text(); }

  // A key that we do not know may change the ids.
  void only_keys(const std::string& where, const Value& map,
                 std::initializer_list<std::string_view> known) const {
    for (const auto& [key, value] : map.as_map()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        fail(std::string("unknown key '").append(key).append("' in ").append(where));
      }
    }
  }

  [[noreturn]] void fail_on_setting(std::string_view key, const std::string& expected) const {
    fail("model." + std::string(key) + " is set, expected " + expected);
  }
  [[noreturn]] void fail(const std::string& message) const {
    throw Error(file_ + ": error: " + message + std::string(remedy));
  }
  [[noreturn]] void fail_on_damage(const std::string& message) const {
    throw Error(file_ + ": error: " + message + "; the file is damaged, fetch it again");
  }

  std::string file_;
  Value root_;
};

}  // namespace

ByteLevelBpeDefinition read_byte_level_tokenizer_json(const std::filesystem::path& file) {
  return Reader(file).read();
}

}  // namespace peft::host
