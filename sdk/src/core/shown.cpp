#include "peft/shown.h"

#include <array>
#include <charconv>

namespace peft {
namespace {

constexpr size_t longest = 60;  // bytes

// Not cut through a character.
std::string beginning(const std::string& text) {
  if (text.size() <= longest) return text;
  size_t end = longest;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

// "1.0" and not "1": it is no integer.
std::string shortest(double number) {
  std::array<char, 32> digits{};
  std::string text(digits.data(), std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr);
  if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
  return text;
}

}  // namespace

std::string shown(const Value& value) {
  switch (value.type()) {
    case Value::Type::text: return "'" + beginning(value.as_text()) + "'";
    case Value::Type::integer: return std::to_string(value.as_integer());
    case Value::Type::number: return shortest(value.as_number());
    case Value::Type::boolean: return value.as_boolean() ? "true" : "false";
    default: return std::string(type_name(value.type()));
  }
}

}  // namespace peft
