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

}  // namespace peft::host::unicode
