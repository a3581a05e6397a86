// What a Jinja template says, as a tree.
#pragma once

#include <string>
#include <vector>

#include "peft/value.h"

namespace peft::host::jinja {

struct NamedArgument;

struct Expression {
  enum class Kind {
    literal,    // value
    name,       // text
    attribute,  // parts[0].text
    item,       // parts[0][parts[1]]
    slice,      // parts[0][parts[1]:parts[2]:parts[3]]
    call,       // parts[0](parts[1], …, named…)
    filter,     // parts[0] | text(parts[1], …)
    test,       // parts[0] is text
    unary,      // text parts[0]
    binary,     // parts[0] text parts[1]
    choice,     // parts[0] if parts[1] else parts[2]
    list,       // [parts…]
  };

  Kind kind = Kind::literal;
  std::string text;
  Value value;
  std::vector<Expression> parts;
  std::vector<NamedArgument> named;
  int line = 0;
};

struct NamedArgument {
  std::string name;
  Expression value;
};

struct Statement {
  enum class Kind {
    data,    // text
    print,   // expressions[0]
    set,     // text (or text.attribute) = expressions[0]
    branch,  // if expressions[i] then bodies[i] …; the last body is that of `else`
    loop,    // for text in expressions[0] (if expressions[1]): bodies[0]; bodies[1] where there is none
    group,   // bodies[0]: {% generation %}
  };

  Kind kind = Kind::data;
  std::string text;
  std::string attribute;
  std::vector<Expression> expressions;
  std::vector<std::vector<Statement>> bodies;
  int line = 0;
};

using Program = std::vector<Statement>;

}  // namespace peft::host::jinja
