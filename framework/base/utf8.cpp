#include "base/utf8.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace peft::host {
namespace {

enum class Form { valid, malformed, truncated };

// The first character of a text: a well-formed one, or the maximal subpart of one, which is what one U+FFFD
// replaces.
struct Character {
  Form form;
  std::size_t length;
};

// What may follow a lead byte: how many bytes in all, and the range of the second one. The range excludes
// overlong forms, surrogates and what lies above U+10FFFF (Unicode 16.0, table 3-7). Length 0: not a lead
// byte.
struct Lead {
  std::size_t length;
  std::uint8_t second_first;
  std::uint8_t second_last;
};

Lead lead_of(std::uint8_t byte) {
  if (byte >= 0xC2 && byte <= 0xDF) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte >= 0xE1 && byte <= 0xEF) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte >= 0xF1 && byte <= 0xF3) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

Character first_character(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(bytes[i]); };
  if (byte(0) < 0x80) return {Form::valid, 1};
  const Lead lead = lead_of(byte(0));
  if (lead.length == 0) return {Form::malformed, 1};
  for (std::size_t i = 1; i < lead.length; ++i) {
    if (i == bytes.size()) return {Form::truncated, i};
    const std::uint8_t first = i == 1 ? lead.second_first : 0x80;
    const std::uint8_t last = i == 1 ? lead.second_last : 0xBF;
    if (byte(i) < first || byte(i) > last) return {Form::malformed, i};
  }
  return {Form::valid, lead.length};
}

// Length of the ASCII at the front, in whole words of eight bytes: most text is nothing else.
std::size_t ascii_words(std::string_view bytes) {
  std::size_t i = 0;
  for (std::uint64_t word; i + sizeof word <= bytes.size(); i += sizeof word) {
    std::memcpy(&word, bytes.data() + i, sizeof word);
    if (word & 0x8080808080808080u) break;
  }
  return i;
}

}  // namespace

std::size_t valid_utf8_prefix(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    i += ascii_words(bytes.substr(i));
    if (i == bytes.size()) break;
    const Character next = first_character(bytes.substr(i));
    if (next.form != Form::valid) return i;
    i += next.length;
  }
  return i;
}

std::size_t complete_utf8_prefix(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const Character next = first_character(bytes.substr(i));
    if (next.form == Form::truncated) return i;
    i += next.length;
  }
  return i;
}

std::size_t replace_invalid_utf8(std::string& text) {
  const std::size_t good = valid_utf8_prefix(text);
  if (good == text.size()) return 0;
  std::string repaired(text, 0, good);
  repaired.reserve(text.size() + 64);
  std::size_t replacements = 0;
  std::string_view rest = std::string_view(text).substr(good);
  while (!rest.empty()) {
    const std::size_t valid = valid_utf8_prefix(rest);
    repaired.append(rest.substr(0, valid));
    rest.remove_prefix(valid);
    if (rest.empty()) break;
    repaired.append(replacement_character);
    ++replacements;
    rest.remove_prefix(first_character(rest).length);
  }
  text = std::move(repaired);
  return replacements;
}

}  // namespace peft::host
