#include "tokenizer_13a.h"

#include <cstddef>

#include "peft/white_space.h"

namespace peft::bleu {
namespace {

std::vector<std::string> split(std::string_view text) {
  const std::vector<std::string_view> words = split_at_white_space(text);
  return {words.begin(), words.end()};
}

std::string_view without_trailing_white_space(std::string_view text) {
  const std::string_view stripped = strip_white_space(text);
  return stripped.empty() ? stripped : text.substr(0, static_cast<size_t>(stripped.end() - text.begin()));
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
