// Lower case as Rust has it: character by character, without context.
#pragma once

#include <string>

#include "tokenizer/character_classes.h"
#include "tokenizer/normalizer.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {

inline void append_lower_case(const unicode::CharacterClasses& classes, char32_t code, std::string& text) {
  unicode::append(text, classes.lower_case(code));
  if (code == 0x130) unicode::append(text, 0x307);  // İ keeps its dot
}

void to_lower_case(const unicode::CharacterClasses& classes, std::string& text);

class Lowercase final : public Normalizer {
 public:
  void normalize(std::string& text) const override { to_lower_case(unicode::CharacterClasses::get(), text); }
};

}  // namespace peft::host
