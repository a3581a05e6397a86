// The class of a character as it stands in UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenizer/unicode_classes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host::unicode {

struct Character {
  Class which;
  std::size_t length;  // in bytes
};

// The character at the front of a text that is well-formed UTF-8 and not empty.
inline Character first_character(std::string_view text) {
  const Decoded first = decode_first(text);
  return {class_of(first.code), first.length};
}

// Length in bytes of the white space that begins `text`.
inline std::size_t leading_white_space(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size()) {
    const Character next = first_character(text.substr(end));
    if (next.which != Class::white_space) break;
    end += next.length;
  }
  return end;
}

// Length in bytes of the white space that ends `text`.
inline std::size_t trailing_white_space(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    const std::size_t last = previous_character(text, begin);
    if (first_character(text.substr(last)).which != Class::white_space) break;
    begin = last;
  }
  return text.size() - begin;
}

}  // namespace peft::host::unicode
