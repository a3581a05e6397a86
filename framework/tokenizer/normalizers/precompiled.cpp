#include "tokenizer/normalizers/precompiled.h"

#include <cstring>
#include <utility>

#include "peft/error.h"
#include "tokenizer/base64.h"
#include "tokenizer/graphemes.h"
#include "tokenizer/utf8_characters.h"

namespace peft::host {
namespace {

// The first of these bytes is how many bytes of trie follow; the rest are the strings.
std::pair<std::vector<std::uint32_t>, std::string> read_map(const std::string& map) {
  std::uint32_t trie_bytes = 0;
  if (map.size() >= sizeof trie_bytes) std::memcpy(&trie_bytes, map.data(), sizeof trie_bytes);
  if (map.size() < sizeof trie_bytes || trie_bytes % 4 != 0 || trie_bytes > map.size() - sizeof trie_bytes) {
    throw Error("a normalization table of " + std::to_string(map.size()) + " bytes found, of which " +
                std::to_string(trie_bytes) +
                " are to be its trie, expected them to be there; the file is damaged, fetch it again");
  }
  std::vector<std::uint32_t> units(trie_bytes / 4);
  std::memcpy(units.data(), map.data() + sizeof trie_bytes, trie_bytes);  // little-endian, like this machine
  return {std::move(units), map.substr(sizeof trie_bytes + trie_bytes)};
}

}  // namespace

Precompiled::Precompiled(const Component& description) {
  description.only_keys({"precompiled_charsmap"});
  auto [units, strings] = read_map(decode_base64(description.at("precompiled_charsmap").as_text()));
  trie_ = DoubleArray(std::move(units));
  strings_ = std::move(strings);
  for (unsigned byte = 0; byte < changes_.size(); ++byte) {
    const char character = static_cast<char>(byte);
    changes_[byte] = find({&character, 1}).has_value();
  }
}

std::optional<std::string_view> Precompiled::find(std::string_view characters) const {
  const auto place = trie_.shortest_prefix(characters);
  if (!place || *place > strings_.size()) return std::nullopt;
  const std::string_view rest = std::string_view(strings_).substr(*place);
  return rest.substr(0, rest.find('\0'));
}

void Precompiled::append(std::string_view grapheme, std::string& normalized) const {
  constexpr std::size_t longest_entry = 5;
  if (grapheme.size() <= longest_entry) {
    if (const auto found = find(grapheme)) {
      normalized.append(*found);
      return;
    }
  }
  while (!grapheme.empty()) {
    const std::string_view character = grapheme.substr(0, unicode::decode_first(grapheme).length);
    normalized.append(find(character).value_or(character));
    grapheme.remove_prefix(character.size());
  }
}

void Precompiled::append_graphemes(std::string_view text, std::string& normalized) const {
  while (!text.empty()) {
    const std::size_t length = unicode::first_grapheme(text);
    append(text.substr(0, length), normalized);
    text.remove_prefix(length);
  }
}

// Between two ASCII characters there is always a border, but for CR LF: only what is near others is cut with
// care.
void Precompiled::normalize(std::string& text) const {
  const auto ascii = [&](std::size_t i) { return static_cast<unsigned char>(text[i]) < 0x80; };
  std::string normalized;
  normalized.reserve(text.size() + 16);
  for (std::size_t i = 0; i < text.size();) {
    const bool alone = ascii(i) && (i + 1 == text.size() || ascii(i + 1)) && text[i] != '\r';
    if (alone) {
      if (changes_[static_cast<unsigned char>(text[i])]) {
        append(std::string_view(text).substr(i, 1), normalized);
      } else {
        normalized.push_back(text[i]);
      }
      ++i;
      continue;
    }
    std::size_t end = i + 1;
    while (end < text.size() && !(ascii(end - 1) && ascii(end) && text[end - 1] != '\r')) ++end;
    append_graphemes(std::string_view(text).substr(i, end - i), normalized);
    i = end;
  }
  text = std::move(normalized);
}

}  // namespace peft::host
