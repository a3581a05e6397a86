#include "tokenizer/stage_settings.h"

#include <string_view>
#include <utility>

namespace peft::host {
namespace {

const Value* setting(const Value& config, std::string_view key) {
  const Value* found = config.find(key);
  return found == nullptr || found->is_null() ? nullptr : found;
}

bool has_type(const Value& component, std::string_view type) {
  const Value* found = component.find("type");
  return found != nullptr && *found == Value(type);
}

// Of ByteLevel, wherever it stands.
void set_prefix_space(Value& pre_tokenizer, bool on) {
  if (has_type(pre_tokenizer, "ByteLevel")) pre_tokenizer.set("add_prefix_space", on);
  const Value* parts = pre_tokenizer.find("pretokenizers");
  if (parts == nullptr || !parts->is_list()) return;
  Value changed = *parts;
  for (Value& part : changed.as_list()) set_prefix_space(part, on);
  pre_tokenizer.set("pretokenizers", std::move(changed));
}

// A template of a text with tokens before and after it: pieces, and the ids of their special tokens.
class Template {
 public:
  explicit Template(TokenizerDefinition& definition) : definition_(definition) {}

  void token(const std::string& name) {
    pieces_.push_back(Value::Map{{"SpecialToken", Value::Map{{"id", name}}}});
    ids_.set(name, Value::Map{{"ids", Value::List{find_added_token(definition_.added_tokens, name)->id}}});
  }
  void text(const char* which) { pieces_.push_back(Value::Map{{"Sequence", Value::Map{{"id", which}}}}); }
  const Value::List& pieces() const { return pieces_; }
  const Value& ids() const { return ids_; }

 private:
  TokenizerDefinition& definition_;
  Value::List pieces_;
  Value ids_{Value::Map()};
};

Value template_processing(const Template& single, const Template& pair) {
  return Value::Map{{"type", "TemplateProcessing"},
                    {"single", single.pieces()},
                    {"pair", pair.pieces()},
                    {"special_tokens", pair.ids()}};
}

}  // namespace

void apply_stage_settings(const Value& config, TokenizerDefinition& definition) {
  if (const Value* clean_up = setting(config, "clean_up_tokenization_spaces")) {
    definition.clean_up_tokenization_spaces = clean_up->as_boolean();
  }
  if (const Value* prefix_space = setting(config, "add_prefix_space")) {
    set_prefix_space(definition.pre_tokenizer, prefix_space->as_boolean());
  }
  if (!has_type(definition.normalizer, "BertNormalizer")) return;
  constexpr std::pair<std::string_view, std::string_view> keys[] = {
      {"do_lower_case", "lowercase"},
      {"strip_accents", "strip_accents"},
      {"tokenize_chinese_chars", "handle_chinese_chars"}};
  for (const auto& [key, in_normalizer] : keys) {
    if (const Value* value = config.find(key)) definition.normalizer.set(in_normalizer, *value);
  }
}

void complete_post_processor(const Value& config, TokenizerDefinition& definition) {
  const SpecialTokenNames& special = definition.special;
  Template single(definition), pair(definition);
  if (std::holds_alternative<WordPieceDefinition>(definition.model)) {
    if (!definition.post_processor.is_null() || !special.cls || !special.sep) return;
    for (Template* form : {&single, &pair}) {
      form->token(*special.cls), form->text("A"), form->token(*special.sep);
    }
    pair.text("B"), pair.token(*special.sep);
    definition.post_processor = template_processing(single, pair);
    return;
  }
  if (std::holds_alternative<UnigramDefinition>(definition.model)) {
    if (!definition.post_processor.is_null() || !special.eos) return;
    for (Template* form : {&single, &pair}) form->text("A"), form->token(*special.eos);
    pair.text("B"), pair.token(*special.eos);
    definition.post_processor = template_processing(single, pair);
    return;
  }
  const Value* bos = setting(config, "add_bos_token");
  const Value* eos = setting(config, "add_eos_token");
  if (bos == nullptr && eos == nullptr) return;
  const auto add = [&](Template& form, const char* text) {
    if (special.bos && bos != nullptr && bos->as_boolean()) form.token(*special.bos);
    form.text(text);
    if (special.eos && eos != nullptr && eos->as_boolean()) form.token(*special.eos);
  };
  add(single, "A"), add(pair, "A"), add(pair, "B");
  definition.post_processor = template_processing(single, pair);
}

}  // namespace peft::host
