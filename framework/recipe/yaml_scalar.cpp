#include "recipe/yaml_scalar.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <system_error>

namespace peft::host {
namespace {

using peft::Value;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

size_t skip_digits(std::string_view text, size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

// [-+]?[0-9]+ without its sign.
bool is_decimal(std::string_view digits) {
  return !digits.empty() && skip_digits(digits, 0) == digits.size();
}

// (\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?
bool is_number(std::string_view text) {
  size_t at = skip_digits(text, 0);
  const size_t whole = at;
  size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    const size_t end = skip_digits(text, at + 1);
    fraction = end - at - 1;
    at = end;
  }
  if (whole + fraction == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const size_t end = skip_digits(text, at);
    if (end == at) return false;
    at = end;
  }
  return at == text.size();
}

std::string quoted(std::string_view text) {
  return "'" + std::string(text) + "'";
}

std::optional<Value> integer(std::string_view text, std::string_view digits, int base, std::string& problem) {
  int64_t value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (failure == std::errc()) return Value(value);
  problem =
      "found " + quoted(text) + ", which does not fit 64 bits; write a smaller number, or a text in quotes";
  return std::nullopt;
}

std::optional<Value> number(std::string_view text, std::string_view unsigned_text, bool negative,
                            std::string& problem) {
  double value = 0.0;
  const auto [end, failure] =
      std::from_chars(unsigned_text.data(), unsigned_text.data() + unsigned_text.size(), value);
  if (failure == std::errc()) return Value(negative ? -value : value);
  problem =
      "found " + quoted(text) + ", which is beyond the range of a double; write a number of another size";
  return std::nullopt;
}

bool is_any_of(std::string_view text, std::initializer_list<std::string_view> candidates) {
  return std::find(candidates.begin(), candidates.end(), text) != candidates.end();
}

}  // namespace

std::optional<Value> resolve_plain_scalar(std::string_view text, std::string& problem) {
  if (is_any_of(text, {"", "~", "null", "Null", "NULL"})) return Value();
  if (is_any_of(text, {"true", "True", "TRUE"})) return Value(true);
  if (is_any_of(text, {"false", "False", "FALSE"})) return Value(false);
  if (is_any_of(text, {".nan", ".NaN", ".NAN"})) return Value(std::numeric_limits<double>::quiet_NaN());

  const bool negative = text.front() == '-';
  const bool has_sign = negative || text.front() == '+';
  const std::string_view magnitude = text.substr(has_sign ? 1 : 0);
  if (is_any_of(magnitude, {".inf", ".Inf", ".INF"})) {
    const double infinity = std::numeric_limits<double>::infinity();
    return Value(negative ? -infinity : infinity);
  }
  if (is_decimal(magnitude)) {
    if (magnitude.size() > 1 && magnitude.front() == '0') {
      problem =
          "found " + quoted(text) +
          ", which some readers take for a decimal and others for an octal number; leave out the leading "
          "zeros, or put a text in quotes";
      return std::nullopt;
    }
    return integer(text, negative ? text : magnitude, 10, problem);
  }
  const auto based = [&](std::string_view prefix, std::string_view digits) {
    return text.size() > 2 && text.starts_with(prefix) &&
           text.find_first_not_of(digits, 2) == std::string_view::npos;
  };
  if (based("0x", "0123456789abcdefABCDEF")) return integer(text, text.substr(2), 16, problem);
  if (based("0o", "01234567")) return integer(text, text.substr(2), 8, problem);
  if (is_number(magnitude)) return number(text, magnitude, negative, problem);
  return Value(text);
}

}  // namespace peft::host
