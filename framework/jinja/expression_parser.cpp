#include "jinja/expression_parser.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace peft::host::jinja {
namespace {

using Kind = Expression::Kind;
using Parse = Expression (*)(TokenReader&);

Expression make(Kind kind, std::string text, std::vector<Expression> parts, int line) {
  return {.kind = kind,
          .text = std::move(text),
          .value = {},
          .parts = std::move(parts),
          .named = {},
          .line = line};
}

Expression literal(Value value, int line) {
  Expression expression = make(Kind::literal, "", {}, line);
  expression.value = std::move(value);
  return expression;
}

// The sign or word among `operators` that comes next; "": none.
std::string take_operator(TokenReader& tokens, std::initializer_list<std::string_view> operators) {
  for (const std::string_view each : operators) {
    if (tokens.take_sign(each) || tokens.take_name(each)) return std::string(each);
  }
  return "";
}

Expression left_to_right(TokenReader& tokens, Parse next, std::initializer_list<std::string_view> operators) {
  Expression left = next(tokens);
  for (;;) {
    const int line = tokens.line();
    const std::string found = take_operator(tokens, operators);
    if (found.empty()) return left;
    std::vector<Expression> parts;
    parts.push_back(std::move(left));
    parts.push_back(next(tokens));
    left = make(Kind::binary, found, std::move(parts), line);
  }
}

Expression parse_primary(TokenReader& tokens) {
  const int line = tokens.line();
  const Token token = tokens.peek();
  if (token.kind == Token::Kind::text) {
    std::string text;
    while (tokens.peek().kind == Token::Kind::text) text += tokens.take().text;
    return literal(text, line);
  }
  if (token.kind == Token::Kind::integer)
    return literal(static_cast<int64_t>(std::stoll(tokens.take().text)), line);
  if (token.kind == Token::Kind::name) {
    tokens.take();
    if (token.text == "true" || token.text == "True") return literal(true, line);
    if (token.text == "false" || token.text == "False") return literal(false, line);
    if (token.text == "none" || token.text == "None") return literal(Value(), line);
    return make(Kind::name, token.text, {}, line);
  }
  if (tokens.take_sign("(")) {
    Expression inner = parse_expression(tokens);
    tokens.expect_sign(")");
    return inner;
  }
  if (tokens.take_sign("[")) {
    Expression list = make(Kind::list, "", {}, line);
    while (!tokens.take_sign("]")) {
      list.parts.push_back(parse_expression(tokens));
      if (!tokens.peek().is_sign("]")) tokens.expect_sign(",");
    }
    return list;
  }
  tokens.refuse("expected a value");
}

// Behind "(".
void parse_arguments(TokenReader& tokens, Expression& call) {
  while (!tokens.take_sign(")")) {
    if (tokens.peek().kind == Token::Kind::name && tokens.peek(1).is_sign("=")) {
      const std::string name = tokens.take().text;
      tokens.take();
      call.named.push_back({name, parse_expression(tokens)});
    } else {
      call.parts.push_back(parse_expression(tokens));
    }
    if (!tokens.peek().is_sign(")")) tokens.expect_sign(",");
  }
}

// Behind "[".
Expression parse_subscript(TokenReader& tokens, Expression of, int line) {
  std::array<Expression, 3> bounds;
  size_t colons = 0;
  bool has_bound = false;
  while (!tokens.take_sign("]")) {
    if (colons < 2 && tokens.take_sign(":")) {
      ++colons;
    } else {
      bounds[colons] = parse_expression(tokens);
      has_bound = true;
    }
  }
  std::vector<Expression> parts;
  parts.push_back(std::move(of));
  if (colons == 0 && !has_bound) tokens.refuse("expected an index");
  for (size_t i = 0; i < (colons == 0 ? 1 : bounds.size()); ++i) parts.push_back(std::move(bounds[i]));
  return make(colons == 0 ? Kind::item : Kind::slice, "", std::move(parts), line);
}

Expression parse_test(TokenReader& tokens, Expression of, int line) {
  const bool negated = tokens.take_name("not");
  std::vector<Expression> parts;
  parts.push_back(std::move(of));
  Expression test = make(Kind::test, tokens.expect_any_name(), std::move(parts), line);
  if (!negated) return test;
  std::vector<Expression> inner;
  inner.push_back(std::move(test));
  return make(Kind::unary, "not", std::move(inner), line);
}

Expression parse_postfix(TokenReader& tokens) {
  Expression value = parse_primary(tokens);
  for (;;) {
    const int line = tokens.line();
    std::vector<Expression> parts;
    if (tokens.take_sign(".")) {
      parts.push_back(std::move(value));
      value = make(Kind::attribute, tokens.expect_any_name(), std::move(parts), line);
    } else if (tokens.take_sign("[")) {
      value = parse_subscript(tokens, std::move(value), line);
    } else if (tokens.take_sign("(")) {
      parts.push_back(std::move(value));
      value = make(Kind::call, "", std::move(parts), line);
      parse_arguments(tokens, value);
    } else if (tokens.take_sign("|")) {
      parts.push_back(std::move(value));
      value = make(Kind::filter, tokens.expect_any_name(), std::move(parts), line);
      if (tokens.take_sign("(")) parse_arguments(tokens, value);
    } else if (tokens.take_name("is")) {
      value = parse_test(tokens, std::move(value), line);
    } else {
      return value;
    }
  }
}

Expression parse_unary(TokenReader& tokens) {
  const int line = tokens.line();
  if (!tokens.take_sign("-")) return parse_postfix(tokens);
  std::vector<Expression> parts;
  parts.push_back(parse_unary(tokens));
  return make(Kind::unary, "-", std::move(parts), line);
}

Expression parse_product(TokenReader& tokens) {
  return left_to_right(tokens, parse_unary, {"*", "//", "/", "%"});
}
Expression parse_concatenation(TokenReader& tokens) {
  return left_to_right(tokens, parse_product, {"~"});
}
Expression parse_sum(TokenReader& tokens) {
  return left_to_right(tokens, parse_concatenation, {"+", "-"});
}

Expression parse_comparison(TokenReader& tokens) {
  Expression left = parse_sum(tokens);
  for (;;) {
    const int line = tokens.line();
    const bool not_in = tokens.peek().is_name("not") && tokens.peek(1).is_name("in");
    if (not_in) tokens.take();
    const std::string found = take_operator(tokens, {"==", "!=", "<=", ">=", "<", ">", "in"});
    if (found.empty()) return left;
    std::vector<Expression> parts;
    parts.push_back(std::move(left));
    parts.push_back(parse_sum(tokens));
    left = make(Kind::binary, found, std::move(parts), line);
    if (!not_in) continue;
    std::vector<Expression> inner;
    inner.push_back(std::move(left));
    left = make(Kind::unary, "not", std::move(inner), line);
  }
}

Expression parse_not(TokenReader& tokens) {
  const int line = tokens.line();
  if (!tokens.take_name("not")) return parse_comparison(tokens);
  std::vector<Expression> parts;
  parts.push_back(parse_not(tokens));
  return make(Kind::unary, "not", std::move(parts), line);
}

Expression parse_and(TokenReader& tokens) {
  return left_to_right(tokens, parse_not, {"and"});
}

}  // namespace

Expression parse_without_choice(TokenReader& tokens) {
  return left_to_right(tokens, parse_and, {"or"});
}

Expression parse_expression(TokenReader& tokens) {
  Expression value = parse_without_choice(tokens);
  const int line = tokens.line();
  if (!tokens.take_name("if")) return value;
  std::vector<Expression> parts;
  parts.push_back(std::move(value));
  parts.push_back(parse_without_choice(tokens));
  parts.push_back(tokens.take_name("else") ? parse_expression(tokens) : literal("", line));
  return make(Kind::choice, "", std::move(parts), line);
}

}  // namespace peft::host::jinja
