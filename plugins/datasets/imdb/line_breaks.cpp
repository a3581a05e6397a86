#include "line_breaks.h"

#include <algorithm>

namespace peft::imdb {
namespace {

char lower(char byte) {
  return byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte - 'A' + 'a') : byte;
}

// The length of the line break that `text` begins with; 0 where it begins with none.
size_t line_break_length(std::string_view text) {
  if (text.size() < 4 || text[0] != '<' || lower(text[1]) != 'b' || lower(text[2]) != 'r') return 0;
  size_t at = 3;
  while (at < text.size() && text[at] == ' ') ++at;
  if (at < text.size() && text[at] == '/') ++at;
  return at < text.size() && text[at] == '>' ? at + 1 : 0;
}

}  // namespace

std::string replace_line_breaks(std::string_view text, std::string_view replacement) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    const size_t plain = std::min(text.find('<'), text.size());
    result += text.substr(0, plain);
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (const size_t length = line_break_length(text); length > 0) {
      result += replacement;
      text.remove_prefix(length);
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

}  // namespace peft::imdb
