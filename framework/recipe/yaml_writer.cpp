#include "recipe/yaml_writer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string_view>

namespace peft::host {
namespace {

using peft::Value;

constexpr size_t longest_line = 100;

// YAML 1.1 wants a '.' in the mantissa and a sign in the exponent: 2.0e-04, where 2e-04 would be a text.
std::string number(double value) {
  if (std::isnan(value)) return ".nan";
  if (std::isinf(value)) return value < 0 ? "-.inf" : ".inf";
  std::array<char, 32> buffer{};
  const auto [end, failure] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string text(buffer.data(), end);
  if (text.find('.') == std::string::npos) text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// Begins like a word or a path and holds nothing that YAML gives a meaning.
bool is_plain(std::string_view text) {
  if (text.empty() || !(is_letter(text.front()) || text.front() == '/')) return false;
  const bool plain_characters = std::all_of(text.begin(), text.end(), [](char c) {
    return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.' || c == '/';
  });
  if (!plain_characters) return false;
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  // Booleans and nulls of YAML 1.1 as well.
  static constexpr std::array<std::string_view, 9> words = {"y",   "n",    "yes",   "no",  "on",
                                                            "off", "true", "false", "null"};
  return std::find(words.begin(), words.end(), lower) == words.end();
}

std::string escape(unsigned char byte) {
  static constexpr std::string_view digits = "0123456789abcdef";
  return {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
}

std::string double_quoted(std::string_view text) {
  std::string result = "\"";
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const auto byte = static_cast<unsigned char>(c);
    const std::string_view rest = text.substr(i);
    if (c == '"' || c == '\\') {
      result += {'\\', c};
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (byte < 0x20 || byte == 0x7f) {
      result += escape(byte);
    } else if (byte == 0xc2 && rest.size() > 1 && static_cast<unsigned char>(rest[1]) < 0xa0) {
      result += escape(static_cast<unsigned char>(rest[1]));  // U+0080 to U+009F, a line break among them
      ++i;
    } else if (rest.starts_with("\xE2\x80\xA8") || rest.starts_with("\xE2\x80\xA9")) {
      result += rest[2] == '\xA8' ? "\\u2028" : "\\u2029";  // line breaks in YAML 1.1
      i += 2;
    } else if (rest.starts_with("\xEF\xBB\xBF")) {
      result += "\\ufeff";
      i += 2;
    } else {
      result += c;
    }
  }
  return result + "\"";
}

bool is_collection(const Value& value) {
  return value.is_list() || value.is_map();
}

bool is_empty(const Value& value) {
  return value.is_list() ? value.as_list().empty() : value.is_map() && value.as_map().empty();
}

// What stands on one line: scalars, empty collections, short lists of scalars. Empty text otherwise.
std::string on_one_line(const Value& value) {
  if (is_empty(value)) return value.is_list() ? "[]" : "{}";
  if (!is_collection(value)) return yaml_scalar(value);
  if (value.is_map()) return "";
  std::string line;
  for (const Value& item : value.as_list()) {
    if (is_collection(item)) return "";
    line += (line.empty() ? "" : ", ") + yaml_scalar(item);
    if (line.size() > longest_line) return "";
  }
  return "[" + line + "]";
}

// Lines at `indent`, the first one too. With `first_line_started`, a "- " stands already where the first
// line's indent would.
void write(const Value& value, size_t indent, bool first_line_started, std::string& out) {
  const std::string margin(indent, ' ');
  const auto start_line = [&] {
    if (!first_line_started) out += margin;
    first_line_started = false;
  };
  if (const std::string line = on_one_line(value); !line.empty()) {
    start_line();
    out += line + "\n";
  } else if (value.is_list()) {
    for (const Value& item : value.as_list()) {
      start_line();
      out += "- ";
      write(item, indent + 2, true, out);
    }
  } else {
    for (const auto& [key, item] : value.as_map()) {
      start_line();
      out += yaml_scalar(key) + ":";
      if (const std::string short_item = on_one_line(item); !short_item.empty()) {
        out += " " + short_item + "\n";
      } else {
        out += "\n";
        write(item, indent + 2, false, out);
      }
    }
  }
}

}  // namespace

std::string yaml_scalar(const Value& scalar) {
  switch (scalar.type()) {
    case Value::Type::boolean: return scalar.as_boolean() ? "true" : "false";
    case Value::Type::integer: return std::to_string(scalar.as_integer());
    case Value::Type::number: return number(scalar.as_number());
    case Value::Type::text: break;
    default: return "null";
  }
  const std::string& text = scalar.as_text();
  return is_plain(text) ? text : double_quoted(text);
}

std::string write_yaml(const Value& value) {
  std::string out;
  write(value, 0, false, out);
  return out;
}

}  // namespace peft::host
