#include "tokenizer/normalizers/lowercase.h"

#include <utility>

namespace peft::host {
namespace {

bool is_ascii(std::string_view text) {
  unsigned char any = 0;
  for (const char byte : text) any |= static_cast<unsigned char>(byte);
  return any < 0x80;
}

}  // namespace

void to_lower_case(const unicode::CharacterClasses& classes, std::string& text) {
  if (is_ascii(text)) {
    for (char& byte : text) byte = static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
    return;
  }
  std::string lower;
  lower.reserve(text.size() + 8);
  for (std::string_view rest = text; !rest.empty();) {
    const auto [code, length] = unicode::decode_first(rest);
    if (classes.has(code, unicode::CharacterClasses::upper)) {
      append_lower_case(classes, code, lower);
    } else {
      lower.append(rest.substr(0, length));
    }
    rest.remove_prefix(length);
  }
  text = std::move(lower);
}

}  // namespace peft::host
