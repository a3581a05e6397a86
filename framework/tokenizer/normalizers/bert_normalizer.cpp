#include "tokenizer/normalizers/bert_normalizer.h"

#include <utility>

#include "tokenizer/normalizers/lowercase.h"
#include "tokenizer/unicode_classes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

using unicode::CharacterClasses;

// BERT's own list; Hangul, kana and others are words with spaces between them.
constexpr bool is_chinese(char32_t code) {
  return (code >= 0x4E00 && code <= 0x9FFF) || (code >= 0x3400 && code <= 0x4DBF) ||
         (code >= 0xF900 && code <= 0xFAFF) || (code >= 0x20000 && code <= 0x2A6DF) ||
         (code >= 0x2A700 && code <= 0x2B73F) || (code >= 0x2B740 && code <= 0x2B81F) ||
         (code >= 0x2B920 && code <= 0x2CEAF) || (code >= 0x2F800 && code <= 0x2FA1F);
}

}  // namespace

BertNormalizer::BertNormalizer(const Component& description)
    : classes_(CharacterClasses::get()),
      nfd_(UnicodeForm::Form::nfd),
      clean_text_(description.flag("clean_text", true)),
      handle_chinese_chars_(description.flag("handle_chinese_chars", true)),
      lowercase_(description.flag("lowercase", true)),
      strip_accents_(description.flag("strip_accents", lowercase_)) {
  description.only_keys({"clean_text", "handle_chinese_chars", "strip_accents", "lowercase"});
}

void BertNormalizer::normalize(std::string& text) const {
  std::string cleaned;
  cleaned.reserve(text.size() + text.size() / 8);
  clean(text, cleaned);
  if (strip_accents_) strip_accents(cleaned);
  if (lowercase_) to_lower_case(classes_, cleaned);
  text = std::move(cleaned);
}

void BertNormalizer::clean(std::string_view text, std::string& cleaned) const {
  while (!text.empty()) {
    const auto [code, length] = unicode::decode_first(text);
    const std::string_view character = text.substr(0, length);
    text.remove_prefix(length);
    if (clean_text_) {
      // Tab and line feed are control characters, yet stay; so do carriage returns.
      if (classes_.has(code, CharacterClasses::removed)) continue;
      if (unicode::class_of(code) == unicode::Class::white_space) {
        cleaned.push_back(' ');
        continue;
      }
    }
    const bool apart = handle_chinese_chars_ && is_chinese(code);
    if (apart) cleaned.push_back(' ');
    cleaned.append(character);
    if (apart) cleaned.push_back(' ');
  }
}

// Decomposes what decomposes, and leaves out the marks. What neither decomposes nor changes places stands
// between stretches that do, so that each may be put through ICU alone.
void BertNormalizer::strip_accents(std::string& text) const {
  std::string stripped;
  std::string decomposed;
  std::size_t copied = 0;  // all before is in `stripped`
  for (std::size_t i = 0; i < text.size();) {
    const auto [code, length] = unicode::decode_first(std::string_view(text).substr(i));
    if ((classes_.of(code) & (CharacterClasses::nfd | CharacterClasses::nonspacing_mark)) == 0) {
      i += length;
      continue;
    }
    std::size_t end = i + length;
    while (end < text.size()) {
      const auto next = unicode::decode_first(std::string_view(text).substr(end));
      if (!classes_.has(next.code, CharacterClasses::nfd)) break;
      end += next.length;
    }
    decomposed.clear();
    nfd_.append(std::string_view(text).substr(i, end - i), decomposed);
    stripped.append(text, copied, i - copied);
    for (std::string_view rest = decomposed; !rest.empty();) {
      const auto part = unicode::decode_first(rest);
      if (!classes_.has(part.code, CharacterClasses::nonspacing_mark))
        stripped.append(rest.substr(0, part.length));
      rest.remove_prefix(part.length);
    }
    copied = i = end;
  }
  if (copied == 0) return;
  stripped.append(text, copied, text.size() - copied);
  text = std::move(stripped);
}

}  // namespace peft::host
