#include "peft/white_space.h"

#include <algorithm>
#include <array>

namespace peft {

size_t leading_white_space(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if ((first >= 0x09 && first <= 0x0d) || (first >= 0x1c && first <= 0x20)) return 1;
  if (first < 0x80) return 0;
  static constexpr std::array<std::string_view, 19> wide = {
      "\u0085", "\u00a0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
      "\u2007", "\u2008", "\u2009", "\u200a", "\u2028", "\u2029", "\u202f", "\u205f", "\u3000"};
  const auto space = std::ranges::find_if(wide, [&](auto each) { return text.starts_with(each); });
  return space == wide.end() ? 0 : space->size();
}

std::string_view strip_white_space(std::string_view text) {
  while (const size_t space = leading_white_space(text)) text.remove_prefix(space);
  size_t end = 0;  // behind the last character that is no white space
  for (size_t at = 0; at < text.size();) {
    const size_t space = leading_white_space(text.substr(at));
    at += space == 0 ? 1 : space;
    if (space == 0) end = at;
  }
  return text.substr(0, end);
}

std::vector<std::string_view> split_at_white_space(std::string_view text) {
  std::vector<std::string_view> words;
  size_t begin = 0;  // of the word that is being read
  for (size_t at = 0; at < text.size();) {
    const size_t space = leading_white_space(text.substr(at));
    if (space > 0 && at > begin) words.push_back(text.substr(begin, at - begin));
    at += space == 0 ? 1 : space;
    if (space > 0) begin = at;
  }
  if (begin < text.size()) words.push_back(text.substr(begin));
  return words;
}

}  // namespace peft
