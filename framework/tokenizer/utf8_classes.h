// The class of a character as it stands in UTF-8.
#pragma once

#include <cstddef>
#include <string_view>

#include "tokenizer/unicode_classes.h"

namespace peft::host::unicode {

struct Character {
  Class which;
  std::size_t length;  // in bytes
};

// The character at the front of a text that is well-formed UTF-8 and not empty.
inline Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto tail = [&](std::size_t i) { return static_cast<char32_t>(byte(i) & 0x3F); };
  const char32_t lead = byte(0);
  if (lead < 0x80) return {class_of(lead), 1};
  if (lead < 0xE0) return {class_of((lead & 0x1F) << 6 | tail(1)), 2};
  if (lead < 0xF0) return {class_of((lead & 0x0F) << 12 | tail(1) << 6 | tail(2)), 3};
  return {class_of((lead & 0x07) << 18 | tail(1) << 12 | tail(2) << 6 | tail(3)), 4};
}

}  // namespace peft::host::unicode
