#include "cli/shown_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <utility>

#include "base/utf8.h"

namespace peft::host {
namespace {

struct Character {
  size_t bytes = 1;
  size_t columns = 1;
};

using Interval = std::pair<uint32_t, uint32_t>;

// The blocks that matter in practice; a terminal's own tables are longer.
constexpr std::array<Interval, 7> combining = {{{0x0300, 0x036F},
                                                {0x0483, 0x0489},
                                                {0x0591, 0x05BD},
                                                {0x064B, 0x065F},
                                                {0x200B, 0x200F},
                                                {0x20D0, 0x20FF},
                                                {0xFE00, 0xFE0F}}};
constexpr std::array<Interval, 7> wide = {{{0x1100, 0x115F},
                                           {0x2E80, 0xA4CF},
                                           {0xAC00, 0xD7A3},
                                           {0xF900, 0xFAFF},
                                           {0xFE30, 0xFE6F},
                                           {0xFF00, 0xFF60},
                                           {0x1F300, 0x1FAFF}}};

template <size_t count>
bool contains(const std::array<Interval, count>& intervals, uint32_t code_point) {
  return std::any_of(intervals.begin(), intervals.end(), [&](const Interval& interval) {
    return interval.first <= code_point && code_point <= interval.second;
  });
}

size_t length_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xE0) return 2;
  return lead < 0xF0 ? 3 : 4;
}

// The character that `text`, which is not empty, begins with.
Character first_character(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = length_by_lead(lead);
  if (length == 1 || valid_utf8_prefix(text.substr(0, length)) != length) return {1, 1};
  uint32_t code_point = lead & (0xFFU >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    code_point = code_point << 6 | (static_cast<unsigned char>(text[i]) & 0x3FU);
  }
  if (contains(combining, code_point)) return {length, 0};
  return {length, contains(wide, code_point) ? size_t{2} : size_t{1}};
}

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

}  // namespace

size_t display_width(std::string_view text) {
  size_t columns = 0;
  while (!text.empty()) {
    const Character character = first_character(text);
    columns += character.columns;
    text.remove_prefix(character.bytes);
  }
  return columns;
}

std::string one_line(std::string_view text, size_t width) {
  std::string line;
  for (const char character : without_controls(text)) {
    if (character == '\n') {
      line += "⏎";
    } else {
      line += character == '\t' ? ' ' : character;
    }
  }
  if (display_width(line) <= width) return line;
  if (width == 0) return "";
  size_t bytes = 0;
  for (size_t columns = 0;;) {
    const Character character = first_character(std::string_view(line).substr(bytes));
    if (columns + character.columns > width - 1) break;  // "…" takes the last column
    columns += character.columns;
    bytes += character.bytes;
  }
  return line.substr(0, bytes) + "…";
}

std::string without_controls(std::string_view text) {
  std::string valid(text);
  replace_invalid_utf8(valid);
  std::string shown;
  for (size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    // U+0080 to U+009F are control characters too, in two bytes each.
    const bool second_set =
        byte == 0xC2 && i + 1 < valid.size() && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
    if (!second_set && (!is_control(valid[i]) || byte == '\n' || byte == '\t')) {
      shown += valid[i];
      continue;
    }
    if (second_set) ++i;
    std::array<char, 8> escape{};
    std::snprintf(escape.data(), escape.size(), "\\x%02x", static_cast<unsigned char>(valid[i]));
    shown += escape.data();
  }
  return shown;
}

}  // namespace peft::host
