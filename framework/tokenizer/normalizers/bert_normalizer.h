// BERT's: control characters out, white space to spaces, Chinese characters apart, accents off, lower case.
#pragma once

#include "tokenizer/character_classes.h"
#include "tokenizer/component.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/normalizers/unicode_form.h"

namespace peft::host {

class BertNormalizer final : public Normalizer {
 public:
  explicit BertNormalizer(const Component& description);

  void normalize(std::string& text) const override;

 private:
  void clean(std::string_view text, std::string& cleaned) const;
  void strip_accents(std::string& text) const;

  const unicode::CharacterClasses& classes_;
  UnicodeForm nfd_;
  bool clean_text_;
  bool handle_chinese_chars_;
  bool lowercase_;
  bool strip_accents_;
};

}  // namespace peft::host
