// A Jinja template's tokens, white space handled as transformers has it (trim_blocks and lstrip_blocks on).
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peft::host::jinja {

struct Token {
  enum class Kind { data, block_begin, block_end, print_begin, print_end, name, text, integer, sign };

  Kind kind = Kind::data;
  std::string text;  // of a text its value, escapes resolved
  int line = 0;      // from 1

  bool is(Kind wanted, std::string_view value) const { return kind == wanted && text == value; }
  bool is_sign(std::string_view value) const { return is(Kind::sign, value); }
  bool is_name(std::string_view value) const { return is(Kind::name, value); }
};

// Throws `peft::Error` with the line where it is no Jinja.
std::vector<Token> tokens_of(std::string_view source);

}  // namespace peft::host::jinja
