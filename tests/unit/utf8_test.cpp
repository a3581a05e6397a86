#include "base/utf8.h"

#include <array>
#include <catch2/catch.hpp>
#include <cstdint>
#include <string>

using namespace peft::host;

namespace {

std::string repaired(std::string text) {
  replace_invalid_utf8(text);
  return text;
}

}  // namespace

TEST_CASE("Well-formed UTF-8 stays as it is") {
  const std::string text = "plain ASCII, caf\u00e9, \u65e5\u672c\u8a9e, \U0001F44D, \uFFFD";
  std::string copy = text;
  CHECK(replace_invalid_utf8(copy) == 0);
  CHECK(copy == text);
  CHECK(valid_utf8_prefix(text) == text.size());
}

TEST_CASE("A malformed sequence becomes one U+FFFD per maximal subpart") {
  CHECK(repaired("a\xFFz") == "a\uFFFDz");
  CHECK(repaired("\xC0\xAF") == "\uFFFD\uFFFD");            // overlong: neither byte can begin a character
  CHECK(repaired("\xE2\x82z") == "\uFFFDz");                // the start of a euro sign, cut off
  CHECK(repaired("\xED\xA0\x80") == "\uFFFD\uFFFD\uFFFD");  // a surrogate
  CHECK(repaired("\xF4\x90\x80\x80") == "\uFFFD\uFFFD\uFFFD\uFFFD");  // above U+10FFFF
  CHECK(repaired("\xF0\x9F\x91") == "\uFFFD");  // an emoji without its last byte, at the end
}

TEST_CASE("Replacements are counted") {
  std::string text = "one \xFF two \xE2\x82 three \x80\x80";
  CHECK(replace_invalid_utf8(text) == 4);
  CHECK(text == "one \uFFFD two \uFFFD three \uFFFD\uFFFD");
}

TEST_CASE("All sequences of four bytes at the borders of UTF-8's table decode as in Python") {
  // Over these bytes in this order: bytes(sequence).decode("utf-8", "replace"), re-encoded, as one FNV-1a
  // hash.
  constexpr std::array<unsigned char, 18> borders = {0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1,
                                                     0xC2, 0xE0, 0xE1, 0xED, 0xEF, 0xF0, 0xF1, 0xF4, 0xF5};
  std::uint64_t hash = 14695981039346656037u;
  std::size_t replacements = 0;
  for (std::size_t n = 0; n < 18 * 18 * 18 * 18; ++n) {
    std::string text;
    for (const std::size_t digit : {n / 5832, n / 324 % 18, n / 18 % 18, n % 18}) {
      text.push_back(static_cast<char>(borders[digit]));
    }
    replacements += replace_invalid_utf8(text);
    for (const char byte : text) hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
  }
  CHECK(replacements == 321192);
  CHECK(hash == 0xef09be753d54935bu);
}

TEST_CASE("What may still become a character is held back") {
  CHECK(complete_utf8_prefix("ab\xF0\x9F\x91") == 2);
  CHECK(complete_utf8_prefix("ab\xF0\x9F\x91\x8D") == 6);
  CHECK(complete_utf8_prefix("ab\xFF") == 3);      // nothing can follow that makes it one
  CHECK(complete_utf8_prefix("ab\xE2\x28") == 4);  // broken off already
  CHECK(complete_utf8_prefix("") == 0);
}
