// What the stages of Hugging Face's tokenizers take a code point for: the classes of several versions of
// Unicode, as one version of the library has them (tools/make_character_classes.py).
#pragma once

#include <cstdint>
#include <vector>

namespace peft::host::unicode {

// Immutable. One table a process, made when it is first asked for; hold the reference in what is called
// often.
class CharacterClasses {
 public:
  enum Mask : std::uint8_t {
    removed = 1,          // by BertNormalizer's clean_text: control, format and private characters, U+FFFD
    punctuation = 2,      // BertPreTokenizer, Punctuation
    nonspacing_mark = 4,  // removed by BertNormalizer's strip_accents
    mark = 8,             // removed by StripAccents
    digit = 16,           // Digits
    word = 32,            // \w of Whitespace, and of added tokens that are words of their own
    nfd = 64,             // decomposes, or may change places with marks beside it
    upper = 128,          // has another lower case
  };

  static const CharacterClasses& get();

  bool has(char32_t code, Mask mask) const { return (classes_[code] & mask) != 0; }
  std::uint8_t of(char32_t code) const { return classes_[code]; }

  // Without context, as Rust's char::to_lowercase; U+0130, which becomes two characters, gives the first.
  char32_t lower_case(char32_t code) const;

 private:
  CharacterClasses();

  std::vector<std::uint8_t> classes_;  // all of 0 to U+10FFFF; untouched pages cost nothing
};

}  // namespace peft::host::unicode
