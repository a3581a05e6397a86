#include "jinja/parser.h"

#include <algorithm>
#include <utility>

#include "jinja/expression_parser.h"
#include "jinja/lexer.h"
#include "jinja/token_reader.h"

namespace peft::host::jinja {
namespace {

using Kind = Statement::Kind;
using TokenKind = Token::Kind;

class Parser {
 public:
  explicit Parser(std::string_view source) : tokens_(tokens_of(source)) {}

  Program parse() {
    Program program = parse_until({});
    if (!tokens_.at_end()) tokens_.refuse("expected nothing of the kind here");
    return program;
  }

 private:
  // Up to a tag that begins with one of these words; it is left to be read.
  Program parse_until(const std::vector<std::string_view>& words) {
    Program program;
    while (!tokens_.at_end()) {
      const Token& token = tokens_.peek();
      if (token.kind == TokenKind::data) {
        Statement data = statement(Kind::data);
        data.text = tokens_.take().text;
        program.push_back(std::move(data));
      } else if (token.kind == TokenKind::print_begin) {
        tokens_.take();
        Statement print = statement(Kind::print);
        print.expressions.push_back(parse_expression(tokens_));
        tokens_.expect(TokenKind::print_end, "'}}'");
        program.push_back(std::move(print));
      } else {
        const bool ends = std::ranges::find(words, tokens_.peek(1).text) != words.end();
        if (ends) return program;
        tokens_.take();
        parse_tag(program);
      }
    }
    if (!words.empty()) tokens_.refuse("expected '" + std::string(words.front()) + "'");
    return program;
  }

  // One that begins here.
  Statement statement(Kind kind) const {
    Statement begun;
    begun.kind = kind;
    begun.line = tokens_.line();
    return begun;
  }

  void parse_tag(Program& program) {
    if (tokens_.take_name("if")) return parse_branch(program);
    if (tokens_.take_name("for")) return parse_loop(program);
    if (tokens_.take_name("set")) return parse_set(program);
    if (tokens_.take_name("generation")) return parse_group(program);
    tokens_.refuse("which is a tag that is not understood here");
  }

  void parse_group(Program& program) {
    Statement group = statement(Kind::group);
    end_tag();
    group.bodies.push_back(parse_until({"endgeneration"}));
    tokens_.take();
    tokens_.expect_name("endgeneration");
    end_tag();
    program.push_back(std::move(group));
  }

  void parse_branch(Program& program) {
    Statement branch = statement(Kind::branch);
    do {
      branch.expressions.push_back(parse_expression(tokens_));
      end_tag();
      branch.bodies.push_back(parse_until({"endif", "elif", "else"}));
      tokens_.take();
    } while (tokens_.take_name("elif"));
    parse_else(branch, "endif");
    program.push_back(std::move(branch));
  }

  void parse_loop(Program& program) {
    Statement loop = statement(Kind::loop);
    loop.text = tokens_.expect_any_name();
    tokens_.expect_name("in");
    loop.expressions.push_back(parse_without_choice(tokens_));
    if (tokens_.take_name("if")) loop.expressions.push_back(parse_without_choice(tokens_));
    end_tag();
    loop.bodies.push_back(parse_until({"endfor", "else"}));
    tokens_.take();
    parse_else(loop, "endfor");
    program.push_back(std::move(loop));
  }

  // The last body, empty where there is no `else`, and the tag that closes the statement.
  void parse_else(Statement& statement, std::string_view closing) {
    statement.bodies.emplace_back();
    if (tokens_.take_name("else")) {
      end_tag();
      statement.bodies.back() = parse_until({closing});
      tokens_.take();
    }
    tokens_.expect_name(closing);
    end_tag();
  }

  void parse_set(Program& program) {
    Statement set = statement(Kind::set);
    set.text = tokens_.expect_any_name();
    if (tokens_.take_sign(".")) set.attribute = tokens_.expect_any_name();
    tokens_.expect_sign("=");
    set.expressions.push_back(parse_expression(tokens_));
    end_tag();
    program.push_back(std::move(set));
  }

  void end_tag() { tokens_.expect(TokenKind::block_end, "'%}'"); }

  TokenReader tokens_;
};

}  // namespace

Program parse(std::string_view source) {
  return Parser(source).parse();
}

}  // namespace peft::host::jinja
