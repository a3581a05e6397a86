// The classes of code points that GPT-2's pattern tells apart. Pinned to one Unicode version, because the ids
// depend on it: a letter that the tables do not know would be split off the word it stands in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "tokenizer/unicode_classes_table.h"

namespace peft::host::unicode {

enum class Class : std::uint8_t { other, letter, number, white_space };

namespace detail {

// All letters and numbers lie below; what follows (private use, selectors, tags) is `other`.
inline constexpr std::size_t table_end = 0x32400;

// Two bits a code point, four to a byte: 50 KB, of which a text touches a few cache lines.
using Table = std::array<std::uint8_t, table_end / 4>;

constexpr Table make_table() {
  Table table{};
  const auto mark = [&](const auto& ranges, Class which) {
    for (const CodePointRange& range : ranges) {
      for (std::size_t code = range.first; code <= range.last; ++code) {
        table[code / 4] |= static_cast<std::uint8_t>(static_cast<unsigned>(which) << (code % 4 * 2));
      }
    }
  };
  mark(letter_ranges, Class::letter);
  mark(number_ranges, Class::number);
  mark(white_space_ranges, Class::white_space);
  return table;
}

inline constexpr Table table = make_table();  // out of range would not compile

}  // namespace detail

inline Class class_of(char32_t code) {
  if (code >= detail::table_end) return Class::other;
  return static_cast<Class>(detail::table[code / 4] >> (code % 4 * 2) & 3);
}

}  // namespace peft::host::unicode
