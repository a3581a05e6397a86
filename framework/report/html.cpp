#include "report/html.h"

#include <algorithm>
#include <array>

#include "base/utf8.h"

namespace peft::host {
namespace {

// U+2400 is NUL's picture, and so on up to U+241F; U+2421 is DEL's.
std::string control_picture(unsigned char control) {
  const unsigned char last = control == 0x7F ? 0x21 : control;
  return {'\xE2', '\x90', static_cast<char>(0x80 + last)};
}

void append_escaped(std::string& markup, char c) {
  const auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '&': markup += "&amp;"; return;
    case '<': markup += "&lt;"; return;
    case '>': markup += "&gt;"; return;
    case '"': markup += "&quot;"; return;
    case '\'': markup += "&#39;"; return;
    case '\t':
    case '\n': markup += c; return;
    default: break;
  }
  if (byte < 0x20 || byte == 0x7F) {
    markup += control_picture(byte);
  } else {
    markup += c;
  }
}

// U+FFFE and U+FFFF are UTF-8 but no characters of XML.
bool is_noncharacter(std::string_view text, size_t at) {
  const std::string_view character = text.substr(at, 3);
  return character == "\xEF\xBF\xBE" || character == "\xEF\xBF\xBF";
}

std::string escaped(std::string_view given) {
  std::string text(given);
  replace_invalid_utf8(text);
  std::string markup;
  markup.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (is_noncharacter(text, i)) {
      markup += replacement_character;
      i += 2;
    } else {
      append_escaped(markup, text[i]);
    }
  }
  return markup;
}

bool is_empty_element(std::string_view name) {
  static constexpr std::array<std::string_view, 4> names = {"br", "hr", "link", "meta"};
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Html::Html(std::string_view text) : markup_(escaped(text)) {}

Html Html::trusted(std::string_view markup) {
  Html html;
  html.markup_ = markup;
  return html;
}

Html& Html::operator+=(const Html& more) {
  markup_ += more.markup_;
  return *this;
}

Html operator+(Html first, const Html& second) {
  first += second;
  return first;
}

Html element(std::string_view name, const Attributes& attributes, const Html& content) {
  std::string markup = "<" + std::string(name);
  for (const Attribute& attribute : attributes) {
    markup.append(" ").append(attribute.name).append("=\"").append(escaped(attribute.value)).append("\"");
  }
  if (is_empty_element(name)) return Html::trusted(markup + " />");
  markup.append(">").append(content.markup()).append("</").append(name).append(">");
  return Html::trusted(markup);
}

Html element(std::string_view name, const Html& content) {
  return element(name, {}, content);
}

Html table_row(const std::vector<Html>& cells) {
  Html row;
  for (size_t i = 0; i < cells.size(); ++i) {
    row += i == 0 ? element("th", {{"scope", "row"}}, cells[i]) : element("td", cells[i]);
  }
  return element("tr", row) + "\n";
}

Html table(const std::vector<std::string>& columns, const std::vector<std::vector<Html>>& rows,
           const std::string& caption) {
  Html head;
  for (const std::string& column : columns) head += element("th", {{"scope", "col"}}, column);
  Html body;
  for (const std::vector<Html>& row : rows) body += table_row(row);
  Html content;
  if (!caption.empty()) content += element("caption", caption);
  content += element("thead", element("tr", head)) + "\n" + element("tbody", body);
  return element("div", {{"class", "scroll"}}, element("table", content)) + "\n";
}

}  // namespace peft::host
