// Reads a Jinja template's tokens one after the other.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/lexer.h"
#include "peft/error.h"

namespace peft::host::jinja {

class TokenReader {
 public:
  explicit TokenReader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  bool at_end() const { return next_ >= tokens_.size(); }
  const Token& peek(size_t ahead = 0) const {
    static const Token none = {.kind = Token::Kind::data, .text = "", .line = 0};
    return next_ + ahead < tokens_.size() ? tokens_[next_ + ahead] : none;
  }
  const Token& take() { return tokens_[next_++]; }
  int line() const { return at_end() ? (tokens_.empty() ? 1 : tokens_.back().line) : peek().line; }

  bool take_sign(std::string_view sign) { return take_if(peek().is_sign(sign)); }
  bool take_name(std::string_view name) { return take_if(peek().is_name(name)); }
  void expect_sign(std::string_view sign) {
    if (!take_sign(sign)) refuse("expected '" + std::string(sign) + "'");
  }
  void expect_name(std::string_view name) {
    if (!take_name(name)) refuse("expected '" + std::string(name) + "'");
  }
  std::string expect_any_name() {
    if (peek().kind != Token::Kind::name) refuse("expected a name");
    return take().text;
  }
  void expect(Token::Kind kind, std::string_view what) {
    if (at_end() || peek().kind != kind) refuse("expected " + std::string(what));
    ++next_;
  }

  [[noreturn]] void refuse(const std::string& what) const {
    const std::string found = at_end() ? "the end" : "'" + peek().text + "'";
    throw Error("line " + std::to_string(line()) + ": found " + found + ", " + what);
  }

 private:
  bool take_if(bool matches) {
    next_ += matches ? 1 : 0;
    return matches;
  }

  std::vector<Token> tokens_;
  size_t next_ = 0;
};

}  // namespace peft::host::jinja
