#include "tokenizer_13a.h"

#include <cstddef>

namespace peft::bleu {
namespace {

// The length in bytes of the white space character that `text` starts with; 0: it starts with none. These are
// the characters for which Python's str.isspace holds.
size_t leading_white_space(std::string_view text) {
  if (text.empty()) return 0;
  const auto first = static_cast<unsigned char>(text[0]);
  if ((first >= 0x09 && first <= 0x0d) || (first >= 0x1c && first <= 0x20)) return 1;
  if (text.starts_with("\u0085") || text.starts_with("\u00a0")) return 2;
  if (text.starts_with("\u1680") || text.starts_with("\u2028") || text.starts_with("\u2029") ||
      text.starts_with("\u202f") || text.starts_with("\u205f") || text.starts_with("\u3000")) {
    return 3;
  }
  const bool is_general = text.size() >= 3 && text.starts_with("\xe2\x80");  // U+2000 … U+200A
  return is_general && static_cast<unsigned char>(text[2]) >= 0x80 &&
                 static_cast<unsigned char>(text[2]) <= 0x8a
             ? 3
             : 0;
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  while (!text.empty()) {
    const size_t space = leading_white_space(text);
    if (space == 0) {
      word.push_back(text.front());
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
    text.remove_prefix(space == 0 ? 1 : space);
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string_view without_trailing_white_space(std::string_view text) {
  size_t end = 0;  // behind the last character that is no white space
  for (size_t at = 0; at < text.size();) {
    const size_t space = leading_white_space(text.substr(at));
    at += space == 0 ? 1 : space;
    if (space == 0) end = at;
  }
  return text.substr(0, end);
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size())) {
    text.replace(at, what.size(), by);
  }
}

bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_period_or_comma(char byte) {
  return byte == '.' || byte == ',';
}
// ASCII punctuation but for ' , - and . (and the space).
bool is_symbol(char byte) {
  return (byte >= ' ' && byte <= '&') || (byte >= '(' && byte <= '+') || byte == '/' ||
         (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') || (byte >= '{' && byte <= '~');
}

// The four substitutions below are regular expressions applied one after the other to all of the line, each
// from left to right without overlap. What they look for is ASCII, so they may work on bytes: "anything but a
// digit" then matches a byte of a longer character, beside the same neighbour.

// ([symbol]) -> " \1 "
std::string set_symbols_apart(const std::string& line) {
  std::string out;
  for (const char byte : line) {
    if (is_symbol(byte)) {
      out.append({' ', byte, ' '});
    } else {
      out.push_back(byte);
    }
  }
  return out;
}

// Replaces every pair of neighbours that `matches` by what `write` appends; both are consumed.
template <class Matches, class Write>
std::string replace_pairs(const std::string& line, const Matches& matches, const Write& write) {
  std::string out;
  for (size_t i = 0; i < line.size(); ++i) {
    if (i + 1 < line.size() && matches(line[i], line[i + 1])) {
      write(out, line[i], line[i + 1]);
      ++i;
    } else {
      out.push_back(line[i]);
    }
  }
  return out;
}

// ([^0-9])([.,]) -> "\1 \2 "
std::string split_after_no_digit(const std::string& line) {
  return replace_pairs(
      line, [](char a, char b) { return !is_digit(a) && is_period_or_comma(b); },
      [](std::string& out, char a, char b) {
        out.append({a, ' ', b, ' '});
      });
}

// ([.,])([^0-9]) -> " \1 \2"
std::string split_before_no_digit(const std::string& line) {
  return replace_pairs(
      line, [](char a, char b) { return is_period_or_comma(a) && !is_digit(b); },
      [](std::string& out, char a, char b) {
        out.append({' ', a, ' ', b});
      });
}

// ([0-9])(-) -> "\1 \2 "
std::string split_dash_after_digit(const std::string& line) {
  return replace_pairs(
      line, [](char a, char b) { return is_digit(a) && b == '-'; },
      [](std::string& out, char a, char b) {
        out.append({a, ' ', b, ' '});
      });
}

}  // namespace

std::vector<std::string> tokenize_13a(std::string_view segment) {
  std::string line(without_trailing_white_space(segment));
  replace_all(line, "<skipped>", "");
  replace_all(line, "-\n", "");
  replace_all(line, "\n", " ");
  // In this order: "&amp;lt;" becomes "<".
  replace_all(line, "&quot;", "\"");
  replace_all(line, "&amp;", "&");
  replace_all(line, "&lt;", "<");
  replace_all(line, "&gt;", ">");
  line = " " + line + " ";
  return split(split_dash_after_digit(split_before_no_digit(split_after_no_digit(set_symbols_apart(line)))));
}

}  // namespace peft::bleu
