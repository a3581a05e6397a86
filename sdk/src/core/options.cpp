#include "peft/options.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "peft/error.h"
#include "peft/names.h"

namespace peft {
namespace {

std::string format_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.12g", value);
  return text;
}

std::string show(const Value& value) {
  switch (value.type()) {
    case Value::Type::boolean: return value.as_boolean() ? "true" : "false";
    case Value::Type::integer: return std::to_string(value.as_integer());
    case Value::Type::number: return format_number(value.as_number());
    case Value::Type::text: return "'" + value.as_text() + "'";
    case Value::Type::null: return "nothing";
    case Value::Type::list: return "a list";
    case Value::Type::map: return "a map";
  }
  return "";
}

std::string article(const std::string& noun) {
  return (std::string("aeiou").find(noun[0]) == std::string::npos ? "a " : "an ") + noun;
}

std::string expectation(const OptionSpec& spec) {
  if (!spec.choices.empty()) return "one of " + join(spec.choices);
  std::string text = article(std::string(option_type_name(spec.type)));
  const std::string range = spec.range.describe();
  return range.empty() ? text : text + " " + range;
}

// The value in the option's type, before ranges and choices; nothing where the types do not fit.
std::optional<Value> convert_type(OptionType type, const Value& found) {
  const auto map_of = [&](auto accepts) -> std::optional<Value> {
    if (!found.is_map()) return {};
    for (const Value::Entry& entry : found.as_map()) {
      if (!accepts(entry.second)) return {};
    }
    return found;
  };
  switch (type) {
    case OptionType::boolean: return found.is_boolean() ? std::optional(found) : std::nullopt;
    case OptionType::integer: return found.is_integer() ? std::optional(found) : std::nullopt;
    case OptionType::number:
      if (!found.is_numeric()) return {};
      return Value(found.as_number());
    case OptionType::text:
    case OptionType::path: return found.is_text() ? std::optional(found) : std::nullopt;
    case OptionType::text_list:
      if (found.is_text()) return Value(Value::List{found});
      if (!found.is_list()) return {};
      for (const Value& item : found.as_list()) {
        if (!item.is_text()) return {};
      }
      return found;
    case OptionType::number_map: return map_of([](const Value& item) { return item.is_numeric(); });
    case OptionType::text_map: return map_of([](const Value& item) { return item.is_text(); });
  }
  return {};
}

bool is_choice(const OptionSpec& spec, const std::string& text) {
  return spec.choices.empty() ||
         std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end();
}

bool in_choices(const OptionSpec& spec, const Value& value) {
  if (value.is_text()) return is_choice(spec, value.as_text());
  if (!value.is_list()) return true;
  return std::all_of(value.as_list().begin(), value.as_list().end(),
                     [&](const Value& item) { return is_choice(spec, item.as_text()); });
}

}  // namespace

std::string_view option_type_name(OptionType type) {
  switch (type) {
    case OptionType::boolean: return "boolean";
    case OptionType::integer: return "integer";
    case OptionType::number: return "number";
    case OptionType::text: return "text";
    case OptionType::path: return "path";
    case OptionType::text_list: return "list of texts";
    case OptionType::number_map: return "map of numbers";
    case OptionType::text_map: return "map of texts";
  }
  return "unknown";
}

bool Range::contains(double value) const {
  if (!std::isfinite(value)) return false;
  if (minimum && (value < *minimum || (above_minimum && value == *minimum))) return false;
  if (maximum && (value > *maximum || (below_maximum && value == *maximum))) return false;
  return true;
}

std::string Range::describe() const {
  std::string text;
  if (minimum) text = (above_minimum ? "above " : "at least ") + format_number(*minimum);
  if (maximum) {
    text += (text.empty() ? "" : " and ");
    text += (below_maximum ? "below " : "at most ") + format_number(*maximum);
  }
  return text;
}

std::optional<Value> OptionSpec::convert(const Value& found, std::string& problem) const {
  std::optional<Value> value = convert_type(type, found);
  const bool fits =
      value && in_choices(*this, *value) && (!value->is_numeric() || range.contains(value->as_number()));
  if (fits) return value;
  problem = "found " + show(found) + ", expected " + expectation(*this);
  return {};
}

Value resolve_known_options(const OptionTable& table, const Value& values, std::string_view where) {
  Value::Map resolved;
  std::string problems;
  const auto report = [&](const OptionSpec& spec, const std::string& problem) {
    problems += (problems.empty() ? "" : "\n") + std::string(where) + ": '" + spec.name + "': " + problem;
  };
  for (const OptionSpec& spec : table) {
    const Value* found = values.find(spec.name);
    if (found == nullptr || found->is_null()) {
      if (spec.required) report(spec, "is missing; expected " + expectation(spec));
      resolved.emplace_back(spec.name, spec.default_value);
      continue;
    }
    std::string problem;
    std::optional<Value> value = spec.convert(*found, problem);
    if (!value) report(spec, problem);
    resolved.emplace_back(spec.name, value ? *std::move(value) : Value());
  }
  if (!problems.empty()) throw UsageError(problems);
  return resolved;
}

}  // namespace peft
