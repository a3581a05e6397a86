#include "tokenizer/byte_alphabet.h"

#include <array>
#include <cstdint>

namespace peft::host {
namespace {

constexpr unsigned alphabet_end = 0x144;  // 256 bytes, of which 68 are moved to U+0100 and after

struct Alphabet {
  std::array<std::uint16_t, 256> character_of{};
  std::array<std::int16_t, alphabet_end> byte_of{};
};

constexpr Alphabet make_alphabet() {
  Alphabet alphabet;
  alphabet.byte_of.fill(-1);
  unsigned next_moved = 0x100;
  for (unsigned byte = 0; byte < 256; ++byte) {
    const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
    const unsigned character = printable ? byte : next_moved++;
    alphabet.character_of[byte] = static_cast<std::uint16_t>(character);
    alphabet.byte_of[character] = static_cast<std::int16_t>(byte);
  }
  return alphabet;
}

constexpr Alphabet alphabet = make_alphabet();

}  // namespace

std::optional<std::string> bytes_of_token(std::string_view token) {
  std::string bytes;
  for (std::size_t i = 0; i < token.size(); ++i) {
    unsigned character = static_cast<unsigned char>(token[i]);
    if (character >= 0x80) {  // all of the alphabet is one or two bytes of UTF-8
      if (character < 0xC2 || character > 0xDF || i + 1 == token.size()) return std::nullopt;
      character = (character & 0x1F) << 6 | (static_cast<unsigned char>(token[++i]) & 0x3F);
    }
    if (character >= alphabet_end || alphabet.byte_of[character] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(alphabet.byte_of[character]));
  }
  return bytes;
}

std::string token_of_bytes(std::string_view bytes) {
  std::string token;
  for (const char byte : bytes) {
    const unsigned character = alphabet.character_of[static_cast<unsigned char>(byte)];
    if (character < 0x80) {
      token.push_back(static_cast<char>(character));
    } else {
      token.push_back(static_cast<char>(0xC0 | character >> 6));
      token.push_back(static_cast<char>(0x80 | (character & 0x3F)));
    }
  }
  return token;
}

}  // namespace peft::host
