#include "jinja/interpreter.h"

#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "jinja/operations.h"
#include "peft/error.h"

namespace peft::host::jinja {
namespace {

using ExpressionKind = Expression::Kind;
using StatementKind = Statement::Kind;

// The template's own raise_exception.
struct RefusedByTemplate {};

std::string place(int line) {
  return "line " + std::to_string(line) + ": ";
}

// Says of what is thrown in which line of the template it was, unless that is said already.
template <class Action>
auto at_line(int line, const Action& action) {
  try {
    return action();
  } catch (const Error& problem) {
    if (std::string_view(problem.what()).starts_with("line ")) throw;
    throw Error(place(line) + problem.what());
  }
}

class Interpreter {
 public:
  explicit Interpreter(const Value& variables) : scopes_(1) {
    for (const auto& [name, value] : variables.as_map()) scopes_.front()[name] = value;
  }

  void run(const Program& program) {
    for (const Statement& statement : program) run(statement);
  }

  std::string take_output() { return std::move(output_); }

 private:
  void run(const Statement& statement) {
    switch (statement.kind) {
      case StatementKind::data: output_ += statement.text; break;
      case StatementKind::print:
        output_ += at_line(statement.line, [&] { return printed(value_of(statement.expressions[0])); });
        break;
      case StatementKind::set: set(statement); break;
      case StatementKind::branch: branch(statement); break;
      case StatementKind::loop: loop(statement); break;
      case StatementKind::group: run(statement.bodies[0]); break;
    }
  }

  void set(const Statement& statement) {
    const Given value = value_of(statement.expressions[0]);
    if (statement.attribute.empty()) {
      scopes_.back()[statement.text] = value;
      return;
    }
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(statement.text);
      if (found == scope->end()) continue;
      if (!found->second || !found->second->is_map() || !value) break;
      found->second->set(statement.attribute, *value);
      return;
    }
    throw Error(place(statement.line) + "'" + statement.text + "' is no namespace");
  }

  void branch(const Statement& statement) {
    for (size_t i = 0; i < statement.expressions.size(); ++i) {
      if (truth_of(statement.expressions[i])) return run(statement.bodies[i]);
    }
    run(statement.bodies.back());
  }

  void loop(const Statement& statement) {
    const Given over = value_of(statement.expressions[0]);
    if (!over || !over->is_list()) throw Error(place(statement.line) + "goes over something that is no list");
    Value::List items;
    for (const Value& item : over->as_list()) {
      scopes_.emplace_back();
      scopes_.back()[statement.text] = item;
      if (statement.expressions.size() < 2 || truth_of(statement.expressions[1])) items.push_back(item);
      scopes_.pop_back();
    }
    for (size_t i = 0; i < items.size(); ++i) {
      scopes_.emplace_back();
      scopes_.back()[statement.text] = items[i];
      scopes_.back()["loop"] = loop_variable(items, i);
      run(statement.bodies[0]);
      scopes_.pop_back();
    }
    if (items.empty()) run(statement.bodies[1]);
  }

  static Value loop_variable(const Value::List& items, size_t i) {
    Value loop = Value::Map{{"index0", static_cast<int64_t>(i)},
                            {"index", static_cast<int64_t>(i + 1)},
                            {"revindex0", static_cast<int64_t>(items.size() - i - 1)},
                            {"revindex", static_cast<int64_t>(items.size() - i)},
                            {"length", static_cast<int64_t>(items.size())},
                            {"first", i == 0},
                            {"last", i + 1 == items.size()}};
    if (i > 0) loop.set("previtem", items[i - 1]);
    if (i + 1 < items.size()) loop.set("nextitem", items[i + 1]);
    return loop;
  }

  bool truth_of(const Expression& expression) {
    return at_line(expression.line, [&] { return is_true(value_of(expression)); });
  }

  Given value_of(const Expression& expression) {
    return at_line(expression.line, [&] { return evaluate(expression); });
  }

  Given evaluate(const Expression& expression) {
    const auto part = [&](size_t i) { return value_of(expression.parts[i]); };
    switch (expression.kind) {
      case ExpressionKind::literal: return expression.value;
      case ExpressionKind::name: return variable(expression.text);
      case ExpressionKind::attribute: return item_of(part(0), Value(expression.text));
      case ExpressionKind::item: return item_of(part(0), part(1));
      case ExpressionKind::slice: return slice_of(part(0), part(1), part(2), part(3));
      case ExpressionKind::call: return called(expression);
      case ExpressionKind::filter: {
        const Given value = part(0);
        if (!expression.named.empty())
          throw Error("the filter '" + expression.text + "' with a named argument");
        return filtered(expression.text, value, arguments_of(expression));
      }
      case ExpressionKind::test: return Value(tested(expression.text, part(0)));
      case ExpressionKind::unary: return unary(expression);
      case ExpressionKind::binary: return combined(expression);
      case ExpressionKind::choice: return truth_of(expression.parts[1]) ? part(0) : part(2);
      case ExpressionKind::list: return list_of(expression);
    }
    return std::nullopt;
  }

  Given unary(const Expression& expression) {
    if (expression.text == "not") return Value(!truth_of(expression.parts[0]));
    const Given value = value_of(expression.parts[0]);
    if (!value || value->type() != Value::Type::integer) throw Error("'-' is understood of numbers alone");
    return Value(-value->as_integer());
  }

  Given combined(const Expression& expression) {
    const Given left = value_of(expression.parts[0]);
    if (expression.text == "and") return is_true(left) ? value_of(expression.parts[1]) : left;
    if (expression.text == "or") return is_true(left) ? left : value_of(expression.parts[1]);
    return binary(expression.text, left, value_of(expression.parts[1]));
  }

  Given list_of(const Expression& expression) {
    Value::List list;
    for (const Expression& each : expression.parts) list.push_back(value_of(each).value_or(Value()));
    return Value(std::move(list));
  }

  // Of a call or a filter, without what it is of.
  std::vector<Given> arguments_of(const Expression& expression) {
    std::vector<Given> arguments;
    for (size_t i = 1; i < expression.parts.size(); ++i) arguments.push_back(value_of(expression.parts[i]));
    return arguments;
  }

  Given called(const Expression& expression) {
    const Expression& function = expression.parts[0];
    if (function.kind == ExpressionKind::name && function.text == "raise_exception")
      throw RefusedByTemplate();
    if (function.kind == ExpressionKind::name && function.text == "namespace" &&
        expression.parts.size() == 1) {
      Value space = Value::Map{};
      for (const auto& [name, value] : expression.named) space.set(name, value_of(value).value_or(Value()));
      return space;
    }
    const bool is_method = function.kind == ExpressionKind::attribute && expression.named.empty();
    if (is_method && function.text == "strip" && expression.parts.size() == 1) {
      return filtered("trim", value_of(function.parts[0]), {});
    }
    if (is_method && function.text == "get" && expression.parts.size() >= 2) {
      const Given found = item_of(value_of(function.parts[0]), value_of(expression.parts[1]));
      if (found) return found;
      return expression.parts.size() > 2 ? value_of(expression.parts[2]) : Given(Value());
    }
    throw Error("the call of '" + function.text + "' is not understood here");
  }

  Given variable(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      const auto found = scope->find(name);
      if (found != scope->end()) return found->second;
    }
    return std::nullopt;
  }

  std::vector<std::map<std::string, Given, std::less<>>> scopes_;
  std::string output_;
};

}  // namespace

std::optional<std::string> rendered(const Program& program, const Value& variables) {
  Interpreter interpreter(variables);
  try {
    interpreter.run(program);
  } catch (const RefusedByTemplate&) {
    return std::nullopt;
  }
  return interpreter.take_output();
}

}  // namespace peft::host::jinja
