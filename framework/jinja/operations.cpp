#include "jinja/operations.h"

#include <algorithm>
#include <cstdint>
#include <string>

#include "jinja/said_text.h"
#include "peft/error.h"
#include "peft/white_space.h"

namespace peft::host::jinja {
namespace {

[[noreturn]] void refuse(const std::string& what) {
  throw Error(what);
}

// A text that may be looked into.
const std::string& known_text(const Value& value, std::string_view by) {
  if (holds_said(value.as_text())) refuse("'" + std::string(by) + "' looks into what was said");
  return value.as_text();
}

bool is_equal(const Given& left, const Given& right) {
  if (!left || !right) return !left && !right;
  for (const Given* side : {&left, &right}) {
    if ((*side)->is_text()) known_text(**side, "==");
  }
  return *left == *right;
}

bool is_in(const Given& what, const Given& where) {
  if (!where) refuse("'in' asks something that is not defined");
  if (where->is_text() && what && what->is_text()) {
    return known_text(*where, "in").find(known_text(*what, "in")) != std::string::npos;
  }
  if (where->is_map() && what && what->is_text()) return where->find(known_text(*what, "in")) != nullptr;
  if (where->is_list()) {
    return std::ranges::any_of(where->as_list(), [&](const Value& each) { return is_equal(what, each); });
  }
  refuse("'in' is not understood of these");
}

int64_t floor_divided(int64_t a, int64_t b) {
  return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

Given calculated(std::string_view sign, int64_t a, int64_t b) {
  if (sign == "+") return Value(a + b);
  if (sign == "-") return Value(a - b);
  if (sign == "*") return Value(a * b);
  if (sign == "<") return Value(a < b);
  if (sign == ">") return Value(a > b);
  if (sign == "<=") return Value(a <= b);
  if (sign == ">=") return Value(a >= b);
  if (b != 0 && sign == "//") return Value(floor_divided(a, b));
  if (b != 0 && sign == "%") return Value(a - floor_divided(a, b) * b);
  refuse("'" + std::string(sign) + "' is not understood of numbers");
}

std::string trimmed(const std::string& text) {
  const std::string_view bare = strip_white_space(text);
  const std::optional<SaidPlace> place = find_said(bare);
  if (!place) return std::string(bare);
  if (place->begin == 0 && place->end == bare.size()) return said_trimmed(place->turn);
  if (place->begin > 0 && !find_said(bare.substr(place->end)) && place->end < bare.size())
    return std::string(bare);
  refuse("'trim' of what was said together with other text");
}

int64_t size_of(const Value& value) {
  if (value.is_list()) return static_cast<int64_t>(value.as_list().size());
  if (value.is_map()) return static_cast<int64_t>(value.as_map().size());
  refuse("'length' is understood of lists alone");
}

// A bound of a slice in [lowest, highest], counted from the end where it is negative.
int64_t bound(const Given& given, int64_t otherwise, int64_t size, int64_t lowest, int64_t highest) {
  if (!given || given->is_null()) return otherwise;
  const int64_t at = given->as_integer();
  return std::clamp(at < 0 ? at + size : at, lowest, highest);
}

}  // namespace

bool is_true(const Given& value) {
  if (!value || value->is_null()) return false;
  if (value->is_text()) return !known_text(*value, "if").empty();
  if (value->is_list() || value->is_map()) return size_of(*value) > 0;
  if (value->type() == Value::Type::boolean) return value->as_boolean();
  return value->as_integer() != 0;
}

Given binary(std::string_view sign, const Given& left, const Given& right) {
  if (sign == "==") return Value(is_equal(left, right));
  if (sign == "!=") return Value(!is_equal(left, right));
  if (sign == "in") return Value(is_in(left, right));
  if (sign == "~") return Value(printed(left) + printed(right));
  if (!left || !right) refuse("'" + std::string(sign) + "' of something that is not defined");
  if (sign == "+" && left->is_text() && right->is_text()) return Value(left->as_text() + right->as_text());
  const auto is_integer = [](const Given& value) { return value->type() == Value::Type::integer; };
  if (is_integer(left) && is_integer(right)) return calculated(sign, left->as_integer(), right->as_integer());
  refuse("'" + std::string(sign) + "' is not understood of these");
}

Given filtered(std::string_view name, const Given& value, const std::vector<Given>& arguments) {
  if (name == "trim" && arguments.empty() && value && value->is_text())
    return Value(trimmed(value->as_text()));
  if ((name == "length" || name == "count") && value) return Value(size_of(*value));
  if ((name == "default" || name == "d") && arguments.size() == 1) return value ? value : arguments.front();
  if (name == "list" && value && value->is_list()) return value;
  if (name == "string" && value && value->is_text()) return value;
  refuse("the filter '" + std::string(name) + "' is not understood here");
}

bool tested(std::string_view name, const Given& value) {
  if (name == "defined") return value.has_value();
  if (name == "undefined") return !value.has_value();
  if (name == "none") return value && value->is_null();
  if (name == "string") return value && value->is_text();
  if (name == "mapping") return value && value->is_map();
  if (name == "boolean") return value && value->type() == Value::Type::boolean;
  if (name == "number") return value && value->is_numeric();
  if (name == "sequence" || name == "iterable")
    return value && (value->is_list() || value->is_map() || value->is_text());
  if (name == "true") return value && *value == Value(true);
  if (name == "false") return value && *value == Value(false);
  refuse("the test 'is " + std::string(name) + "' is not understood here");
}

Given item_of(const Given& value, const Given& index) {
  if (!value) refuse("an item of something that is not defined");
  if (!index) return std::nullopt;
  if (value->is_map() && index->is_text()) {
    const Value* found = value->find(known_text(*index, "[]"));
    return found == nullptr ? Given() : Given(*found);
  }
  if (value->is_list() && index->type() == Value::Type::integer) {
    const int64_t size = size_of(*value);
    const int64_t at = index->as_integer() < 0 ? index->as_integer() + size : index->as_integer();
    return at < 0 || at >= size ? Given() : Given(value->as_list()[static_cast<size_t>(at)]);
  }
  if (value->is_text()) known_text(*value, "[]");
  return std::nullopt;
}

Given slice_of(const Given& value, const Given& begin, const Given& end, const Given& step) {
  if (!value || !value->is_list()) refuse("a slice is understood of lists alone");
  const int64_t size = size_of(*value);
  const int64_t stride = step && !step->is_null() ? step->as_integer() : 1;
  if (stride == 0) refuse("a slice with the step 0");
  const int64_t lowest = stride > 0 ? 0 : -1;
  const int64_t highest = stride > 0 ? size : size - 1;
  const int64_t from = bound(begin, stride > 0 ? 0 : size - 1, size, lowest, highest);
  const int64_t to = bound(end, stride > 0 ? size : -1, size, lowest, highest);
  Value::List items;
  for (int64_t i = from; stride > 0 ? i < to : i > to; i += stride)
    items.push_back(value->as_list()[static_cast<size_t>(i)]);
  return Value(std::move(items));
}

std::string printed(const Given& value) {
  if (!value) return "";
  if (value->is_text()) return value->as_text();
  if (value->type() == Value::Type::integer) return std::to_string(value->as_integer());
  if (value->is_null()) return "None";
  if (value->type() == Value::Type::boolean) return value->as_boolean() ? "True" : "False";
  refuse("a list or a map is printed");
}

}  // namespace peft::host::jinja
