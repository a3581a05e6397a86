#include "tokenizer/pre_tokenizers/cl100k_pattern.h"

#include "tokenizer/utf8_classes.h"

namespace peft::host {
namespace {

using unicode::Character;
using unicode::Class;
using unicode::first_character;

char lower(char byte) {
  return static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte + 32 : byte);
}

// Length of 's 't 're 've 'm 'll 'd in any case at the front of a text that begins with an apostrophe; 0
// where none stands there. ſ (U+017F) is an s in another case.
std::size_t contraction(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text.substr(1).starts_with("\u017F")) return 3;
  const char second = text.size() > 2 ? lower(text[2]) : '\0';
  switch (lower(text[1])) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return second == 'e' ? 3 : 0;
    case 'l': return second == 'l' ? 3 : 0;
    default: return 0;
  }
}

// End of the run of characters of one class that begins at `start`, of `most` at most.
std::size_t run_end(std::string_view text, std::size_t start, Class which, std::size_t most) {
  std::size_t end = start;
  for (; end < text.size() && most > 0; --most) {
    const Character next = first_character(text.substr(end));
    if (next.which != which) break;
    end += next.length;
  }
  return end;
}

constexpr std::size_t any_number = static_cast<std::size_t>(-1);

bool ends_line(char byte) {
  return byte == '\r' || byte == '\n';
}

// \s*[\r\n]+|\s+(?!\S)|\s+ : up to the run's last line end; else the run, which leaves its last character to
// the word that follows, unless it is the only one.
std::size_t white_space(std::string_view text) {
  std::size_t end = 0;
  std::size_t last = 0;      // where the run's last character begins
  std::size_t line_end = 0;  // after the run's last line end
  while (end < text.size()) {
    const Character next = first_character(text.substr(end));
    if (next.which != Class::white_space) break;
    last = end;
    end += next.length;
    if (ends_line(text[last])) line_end = end;
  }
  if (line_end > 0) return line_end;
  return end == text.size() || last == 0 ? end : last;
}

}  // namespace

std::size_t first_cl100k_word(std::string_view text, std::size_t max_digits) {
  if (text[0] == '\'') {
    if (const std::size_t length = contraction(text)) return length;
  }
  const Character first = first_character(text);
  if (first.which == Class::letter) return run_end(text, 0, Class::letter, any_number);
  if (first.which == Class::number) return run_end(text, 0, Class::number, max_digits);
  const Class second =
      first.length < text.size() ? first_character(text.substr(first.length)).which : Class::white_space;
  if (second == Class::letter && !ends_line(text[0])) {
    return run_end(text, first.length, Class::letter, any_number);
  }
  const bool space = text[0] == ' ' && text.size() > 1 && second == Class::other;
  if (first.which == Class::white_space && !space) return white_space(text);
  std::size_t end = run_end(text, space ? 1 : 0, Class::other, any_number);
  while (end < text.size() && ends_line(text[end])) ++end;
  return end;
}

}  // namespace peft::host
