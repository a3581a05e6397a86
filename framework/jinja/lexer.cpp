#include "jinja/lexer.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "peft/error.h"

namespace peft::host::jinja {
namespace {

using Kind = Token::Kind;

bool is_space(char byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}
bool is_digit(char byte) {
  return byte >= '0' && byte <= '9';
}
bool is_name_character(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' || is_digit(byte);
}

// Longer signs first.
constexpr std::array<std::string_view, 23> signs = {"==", "!=", "<=", ">=", "//", "**", "+", "-",
                                                    "*",  "/",  "%",  "~",  "<",  ">",  "=", "|",
                                                    ".",  ",",  ":",  "(",  ")",  "[",  "]"};

std::string with_unix_newlines(std::string_view source) {
  std::string text;
  for (size_t i = 0; i < source.size(); ++i) {
    const bool is_return = source[i] == '\r';
    if (is_return && i + 1 < source.size() && source[i + 1] == '\n') ++i;
    text.push_back(is_return ? '\n' : source[i]);
  }
  if (text.ends_with('\n')) text.pop_back();  // Jinja's keep_trailing_newline is off
  return text;
}

void append_utf8(uint32_t code, std::string& to) {
  if (code < 0x80) {
    to.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    to.append({static_cast<char>(0xc0 | (code >> 6)), static_cast<char>(0x80 | (code & 0x3f))});
  } else {
    to.append({static_cast<char>(0xe0 | (code >> 12)), static_cast<char>(0x80 | ((code >> 6) & 0x3f)),
               static_cast<char>(0x80 | (code & 0x3f))});
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(with_unix_newlines(source)) {}

  std::vector<Token> run() {
    while (at_ < source_.size()) {
      const size_t tag = next_tag();
      take_data(tag);
      if (at_ >= source_.size()) break;
      const char kind = source_[at_ + 1];
      at_ += 2;
      if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) ++at_;
      if (kind == '#') {
        skip_comment();
      } else {
        take_tag(kind == '%');
      }
    }
    return std::move(tokens_);
  }

 private:
  size_t next_tag() const {
    for (size_t at = source_.find('{', at_); at != std::string::npos; at = source_.find('{', at + 1)) {
      const char next = at + 1 < source_.size() ? source_[at + 1] : ' ';
      if (next == '%' || next == '{' || next == '#') return at;
    }
    return source_.size();
  }

  // Up to the tag at `tag`, without the white space that the tag takes away.
  void take_data(size_t tag) {
    size_t end = tag;
    if (tag + 2 < source_.size() && source_[tag + 2] == '-') {
      while (end > at_ && is_space(source_[end - 1])) --end;
    } else if (tag < source_.size() && source_[tag + 1] != '{' &&
               !(tag + 2 < source_.size() && source_[tag + 2] == '+')) {
      size_t line = tag;  // where nothing but blanks stands between the tag and the beginning of its line
      while (line > at_ && is_space(source_[line - 1]) && source_[line - 1] != '\n') --line;
      if (line > at_ ? source_[line - 1] == '\n' : starts_line_) end = line;
    }
    if (end > at_) add(Kind::data, source_.substr(at_, end - at_));
    at_ = tag;
  }

  void skip_comment() {
    const size_t end = source_.find("#}", at_);
    if (end == std::string::npos) refuse("a comment is never closed");
    at_ = end + 2;
    after_tag(source_[end - 1], /*is_block=*/true);
  }

  void take_tag(bool is_block) {
    const std::string_view close = is_block ? "%}" : "}}";
    add(is_block ? Kind::block_begin : Kind::print_begin, "");
    for (;;) {
      while (at_ < source_.size() && is_space(source_[at_])) ++at_;
      if (at_ >= source_.size()) refuse("a tag is never closed");
      const std::string_view rest = std::string_view(source_).substr(at_);
      const bool has_mark = rest.front() == '-' || rest.front() == '+';
      if (rest.substr(has_mark ? 1 : 0).starts_with(close)) {
        add(is_block ? Kind::block_end : Kind::print_end, "");
        at_ += has_mark ? 3 : 2;
        after_tag(has_mark ? rest.front() : ' ', is_block);
        return;
      }
      take_token(rest);
    }
  }

  // Takes the white space behind a tag that the tag takes away; `mark` stood before its closing.
  void after_tag(char mark, bool is_block) {
    const size_t closed = at_;
    if (mark == '-') {
      while (at_ < source_.size() && is_space(source_[at_])) ++at_;
    } else if (is_block && mark != '+' && at_ < source_.size() && source_[at_] == '\n') {
      ++at_;
    }
    starts_line_ = at_ > closed && source_[at_ - 1] == '\n';
  }

  void take_token(std::string_view rest) {
    const char first = rest.front();
    if (first == '\'' || first == '"') return take_text(first);
    if (is_name_character(first)) {
      const auto stop = std::ranges::find_if_not(rest, is_name_character);
      const auto length = static_cast<size_t>(stop - rest.begin());
      const std::string_view word = rest.substr(0, length);
      const bool is_number = std::ranges::all_of(word, is_digit);
      if (is_digit(first) && !is_number) refuse("found '" + std::string(word) + "'");
      add(is_number ? Kind::integer : Kind::name, std::string(word));
      at_ += length;
      return;
    }
    const auto sign =
        std::ranges::find_if(signs, [&](std::string_view each) { return rest.starts_with(each); });
    if (sign == signs.end()) refuse("found '" + std::string(1, first) + "'");
    add(Kind::sign, std::string(*sign));
    at_ += sign->size();
  }

  void take_text(char quote) {
    std::string value;
    size_t i = at_ + 1;
    for (; i < source_.size() && source_[i] != quote; ++i) {
      if (source_[i] != '\\') {
        value.push_back(source_[i]);
      } else {
        i = take_escape(i + 1, value);
      }
    }
    if (i >= source_.size()) refuse("a quote is never closed");
    add(Kind::text, value);
    at_ = i + 1;
  }

  // Of the escape whose letter is at `i`; returns where its last character is.
  size_t take_escape(size_t i, std::string& value) {
    const char letter = i < source_.size() ? source_[i] : ' ';
    const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : 0;
    if (digits > 0) {
      const std::string number = source_.substr(i + 1, digits);
      const bool is_hex =
          number.size() == digits && number.find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
      if (!is_hex) refuse("found the escape '\\" + std::string(1, letter) + number + "'");
      append_utf8(static_cast<uint32_t>(std::stoul(number, nullptr, 16)), value);
      return i + digits;
    }
    constexpr std::string_view letters = "ntr\\'\"";
    constexpr std::string_view meanings = "\n\t\r\\'\"";
    const size_t known = letters.find(letter);
    if (known == std::string_view::npos) refuse("found the escape '\\" + std::string(1, letter) + "'");
    value.push_back(meanings[known]);
    return i;
  }

  void add(Kind kind, std::string text) {
    const auto line =
        1 + std::count(source_.begin(), source_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    tokens_.push_back({.kind = kind, .text = std::move(text), .line = static_cast<int>(line)});
  }

  [[noreturn]] void refuse(const std::string& what) const {
    const auto line =
        1 + std::count(source_.begin(),
                       source_.begin() + static_cast<std::ptrdiff_t>(std::min(at_, source_.size())), '\n');
    throw Error("line " + std::to_string(line) + ": " + what);
  }

  std::string source_;
  size_t at_ = 0;
  bool starts_line_ = true;
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) {
  return Lexer(source).run();
}

}  // namespace peft::host::jinja
