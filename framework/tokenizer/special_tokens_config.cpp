#include "tokenizer/special_tokens_config.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "base/json.h"
#include "peft/error.h"
#include "tokenizer/added_token_json.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/stage_settings.h"

namespace peft::host {
namespace {

constexpr std::string_view lists[] = {"additional_special_tokens", "extra_special_tokens"};

struct Role {
  std::string_view key;
  std::optional<std::string> SpecialTokenNames::*name;
};
constexpr Role roles[] = {{"bos_token", &SpecialTokenNames::bos},  {"eos_token", &SpecialTokenNames::eos},
                          {"unk_token", &SpecialTokenNames::unk},  {"sep_token", &SpecialTokenNames::sep},
                          {"pad_token", &SpecialTokenNames::pad},  {"cls_token", &SpecialTokenNames::cls},
                          {"mask_token", &SpecialTokenNames::mask}};

// What each kind of tokenizer calls them in transformers.
SpecialTokenNames usual_names(const TokenizerDefinition& definition) {
  SpecialTokenNames names;
  if (std::holds_alternative<WordPieceDefinition>(definition.model)) {
    names.unk = "[UNK]", names.sep = "[SEP]", names.pad = "[PAD]", names.cls = "[CLS]", names.mask = "[MASK]";
  } else if (std::holds_alternative<UnigramDefinition>(definition.model)) {
    names.eos = "</s>", names.unk = "<unk>", names.pad = "<pad>";
  } else if (ends_in_bytes(definition.pre_tokenizer)) {
    names.bos = names.eos = names.unk = "<|endoftext|>";
  } else {
    names.bos = "<s>", names.eos = "</s>", names.unk = "<unk>";
  }
  return names;
}

class ConfigReader {
 public:
  ConfigReader(const std::filesystem::path& folder, TokenizerDefinition& definition)
      : config_file_((folder / "tokenizer_config.json").string()),
        map_file_((folder / "special_tokens_map.json").string()),
        legacy_file_((folder / "added_tokens.json").string()),
        config_(read_if_there(config_file_)),
        map_(read_if_there(map_file_)),
        usual_(usual_names(definition)),
        definition_(definition) {}

  void read() {
    file_ = config_file_;
    try {
      if (!read_added_tokens_decoder()) read_legacy_added_tokens();
      file_ = config_file_;
      apply_stage_settings(config_, definition_);
      for (const Role& role : roles) read_role(role);
      for (const std::string_view list : lists) read_list(list);
      for (const std::string& content : legacy_) {
        AddedToken& token = *find(content);
        token.normalized = !token.special;
      }
      file_ = config_file_;
      complete_post_processor(config_, definition_);
    } catch (const Error& problem) {  // of a value's type, without the file's name
      if (std::string_view(problem.what()).starts_with(file_)) throw;
      throw Error(file_ + ": error: " + problem.what() + "; expected it as transformers writes it");
    }
  }

 private:
  static Value read_if_there(const std::string& file) {
    return std::filesystem::exists(file) ? read_json_file(file) : Value(Value::Map());
  }

  // {"50257": {"content": "<pad>", …}, …}. False where there is none.
  bool read_added_tokens_decoder() {
    const Value* decoder = config_.find("added_tokens_decoder");
    if (decoder == nullptr || decoder->is_null()) return false;
    for (const auto& [key, token] : decoder->as_map()) {
      AddedToken added = read_added_token(token);
      const auto [end, problem] = std::from_chars(key.data(), key.data() + key.size(), added.id);
      if (problem != std::errc() || end != key.data() + key.size()) {
        throw Error("added_tokens_decoder has the key '" + key + "', expected a token's id");
      }
      if (find(added.content) == nullptr) definition_.added_tokens.push_back(std::move(added));
    }
    return true;
  }

  // {"<pad>": 50257, …}: what transformers wrote before it had added_tokens_decoder. Whether such a token is
  // special, only its role says.
  void read_legacy_added_tokens() {
    file_ = legacy_file_;
    const Value tokens = read_if_there(legacy_file_);
    for (const auto& [content, id] : tokens.as_map()) {
      if (content.empty()) throw Error("it has an empty token");
      if (find(content) != nullptr) continue;
      definition_.added_tokens.push_back({.id = id.as_integer(), .content = content});
      legacy_.push_back(content);
    }
  }

  void read_role(const Role& role) {
    const Value* token = in_either_file(role.key);
    if (token != nullptr && token->is_null()) return;
    std::optional<std::string>& name = definition_.special.*role.name;
    const std::optional<std::string>& usual = usual_.*role.name;
    if (token != nullptr) {
      name = declare_special(*token);
    } else if (usual && exists(*usual)) {
      name = declare_special(Value(*usual));
    }
  }

  void read_list(std::string_view name) {
    const Value* tokens = in_either_file(name);
    if (tokens == nullptr || tokens->is_null()) return;
    if (tokens->is_map()) {  // extra_special_tokens by name
      for (const auto& [key, token] : tokens->as_map()) declare_special(token);
    } else {
      for (const Value& token : tokens->as_list()) declare_special(token);
    }
  }

  // tokenizer_config.json is the newer of the two.
  const Value* in_either_file(std::string_view key) {
    file_ = config_file_;
    if (const Value* found = config_.find(key)) return found;
    file_ = map_file_;
    return map_.find(key);
  }

  // "<pad>", or {"content": "<pad>", …}. Returns the content.
  std::string declare_special(const Value& token) {
    AddedToken added;
    if (token.is_text()) {
      added.content = token.as_text();
    } else {
      added = read_added_token(token);
    }
    if (AddedToken* known = find(added.content)) {
      known->special = true;
      return added.content;
    }
    const auto entry = std::find_if(definition_.vocabulary.begin(), definition_.vocabulary.end(),
                                    [&](const auto& pair) { return pair.first == added.content; });
    if (entry == definition_.vocabulary.end() || added.content.empty()) {
      throw Error("the special token '" + added.content + "' is neither in " + definition_.vocabulary_file +
                  " nor among the added tokens");
    }
    added.id = entry->second;
    added.special = true;
    definition_.added_tokens.push_back(added);
    return added.content;
  }

  AddedToken* find(std::string_view content) { return find_added_token(definition_.added_tokens, content); }

  bool exists(std::string_view content) {
    return find(content) != nullptr ||
           std::any_of(definition_.vocabulary.begin(), definition_.vocabulary.end(),
                       [&](const auto& pair) { return pair.first == content; });
  }

  std::string config_file_;
  std::string map_file_;
  std::string legacy_file_;
  std::vector<std::string> legacy_;  // the tokens that only added_tokens.json has
  std::string file_;                 // the one being read
  Value config_;
  Value map_;
  SpecialTokenNames usual_;
  TokenizerDefinition& definition_;
};

}  // namespace

void read_special_tokens_config(const std::filesystem::path& folder, TokenizerDefinition& definition) {
  ConfigReader(folder, definition).read();
}

}  // namespace peft::host
