#include "tokenizer/normalizers/simple_normalizers.h"

#include <utility>

#include "tokenizer/character_classes.h"
#include "tokenizer/replace_matches.h"
#include "tokenizer/utf8_classes.h"

namespace peft::host {

void UnicodeFormNormalizer::normalize(std::string& text) const {
  if (form_.is_normalized(text)) return;
  std::string normalized;
  normalized.reserve(text.size() + 16);
  form_.append(text, normalized);
  text = std::move(normalized);
}

void StripAccents::normalize(std::string& text) const {
  const auto& classes = unicode::CharacterClasses::get();
  std::size_t kept = 0;
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, length] = unicode::decode_first(std::string_view(text).substr(i));
    if (!classes.has(code, unicode::CharacterClasses::mark)) {
      text.replace(kept, length, text, i, length);
      kept += length;
    }
    i += length;
  }
  text.resize(kept);
}

Strip::Strip(const Component& description)
    : left_(description.flag("strip_left", true)), right_(description.flag("strip_right", true)) {
  description.only_keys({"strip_left", "strip_right"});
}

void Strip::normalize(std::string& text) const {
  if (right_) text.resize(text.size() - unicode::trailing_white_space(text));
  if (left_) text.erase(0, unicode::leading_white_space(text));
}

Prepend::Prepend(const Component& description) : prepend_(description.at("prepend").as_text()) {
  description.only_keys({"prepend"});
}

void Prepend::normalize(std::string& text) const {
  if (!text.empty()) text.insert(0, prepend_);
}

Replace::Replace(const Component& description)
    : pattern_(make_pattern(description.at("pattern"))), content_(description.at("content").as_text()) {
  description.only_keys({"pattern", "content"});
}

void Replace::normalize(std::string& text) const {
  replace_matches(*pattern_, content_, text);
}

}  // namespace peft::host
