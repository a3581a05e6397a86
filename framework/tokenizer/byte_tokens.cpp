#include "tokenizer/byte_tokens.h"

#include <algorithm>
#include <charconv>

namespace peft::host {

std::array<TokenId, 256> byte_token_ids(const VocabularyIndex& vocabulary) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::array<TokenId, 256> ids{};
  for (std::size_t byte = 0; byte < ids.size(); ++byte) {
    const std::string token = {'<', '0', 'x', digits[byte >> 4], digits[byte & 15], '>'};
    ids[byte] = vocabulary.id_of(token).value_or(-1);
  }
  return ids;
}

std::optional<unsigned char> byte_of_token(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return std::nullopt;
  unsigned char byte = 0;
  const auto [end, problem] = std::from_chars(token.data() + 3, token.data() + 5, byte, 16);
  if (problem != std::errc() || end != token.data() + 5) return std::nullopt;
  return byte;
}

bool append_byte_tokens(const std::array<TokenId, 256>& ids, std::string_view bytes,
                        std::vector<TokenId>& to) {
  const auto id_of = [&](char byte) { return ids[static_cast<unsigned char>(byte)]; };
  if (std::any_of(bytes.begin(), bytes.end(), [&](char byte) { return id_of(byte) < 0; })) return false;
  for (const char byte : bytes) to.push_back(id_of(byte));
  return true;
}

}  // namespace peft::host
