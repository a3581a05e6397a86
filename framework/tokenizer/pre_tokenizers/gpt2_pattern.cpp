#include "tokenizer/pre_tokenizers/gpt2_pattern.h"

#include "tokenizer/utf8_classes.h"

namespace peft::host {
namespace {

using unicode::Character;
using unicode::Class;
using unicode::first_character;

// Length of 's 't 're 've 'm 'll 'd at the front of a text that begins with an apostrophe; 0 where none
// stands there.
std::size_t contraction(std::string_view text) {
  if (text.size() < 2) return 0;
  switch (text[1]) {
    case 's':
    case 't':
    case 'm':
    case 'd': return 2;
    case 'r':
    case 'v': return text.size() > 2 && text[2] == 'e' ? 3 : 0;
    case 'l': return text.size() > 2 && text[2] == 'l' ? 3 : 0;
    default: return 0;
  }
}

// End of the run of characters of one class that begins at `start`.
std::size_t run_end(std::string_view text, std::size_t start, Class which) {
  std::size_t end = start;
  while (end < text.size()) {
    const Character next = first_character(text.substr(end));
    if (next.which != which) break;
    end += next.length;
  }
  return end;
}

// \s+(?!\S)|\s+ : a run of white space leaves its last character to the word that follows, unless it is the
// only one.
std::size_t white_space(std::string_view text) {
  std::size_t end = 0;
  std::size_t last = 0;  // where the run's last character begins
  while (end < text.size()) {
    const Character next = first_character(text.substr(end));
    if (next.which != Class::white_space) return last == 0 ? end : last;
    last = end;
    end += next.length;
  }
  return end;
}

}  // namespace

std::size_t first_gpt2_word(std::string_view text) {
  if (text[0] == '\'') {
    if (const std::size_t length = contraction(text)) return length;
  }
  const std::size_t space = text[0] == ' ' && text.size() > 1 ? 1 : 0;  // " ?" takes one, and only U+0020
  const Character first = first_character(text.substr(space));
  if (first.which == Class::white_space) return white_space(text);
  return run_end(text, space + first.length, first.which);
}

}  // namespace peft::host
