#include "jinja/said_text.h"

namespace peft::host {
namespace {

constexpr size_t trimmed_from = 0x100;
constexpr size_t stand_ins = 0x200;

// U+E000 + number in UTF-8.
std::string stand_in(size_t number) {
  return {'\xee', static_cast<char>(0x80 | (number >> 6)), static_cast<char>(0x80 | (number & 0x3f))};
}

}  // namespace

std::string said(size_t turn) {
  return stand_in(turn % trimmed_from);
}

std::string said_trimmed(size_t turn) {
  return stand_in(trimmed_from + turn % trimmed_from);
}

bool holds_said(std::string_view text) {
  return find_said(text).has_value();
}

std::optional<SaidPlace> find_said(std::string_view text) {
  for (size_t at = text.find('\xee'); at != std::string_view::npos && at + 2 < text.size();
       at = text.find('\xee', at + 1)) {
    const size_t number = static_cast<size_t>(static_cast<unsigned char>(text[at + 1]) - 0x80) << 6 |
                          static_cast<size_t>(static_cast<unsigned char>(text[at + 2]) - 0x80);
    if (number >= stand_ins) continue;
    return SaidPlace{
        .begin = at, .end = at + 3, .turn = number % trimmed_from, .trimmed = number >= trimmed_from};
  }
  return std::nullopt;
}

}  // namespace peft::host
