// Whether a page can be read by any parser: what is opened is closed, in order, and nothing that stands in it
// as text was taken for markup.
#pragma once

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>
#include <vector>

namespace peft::test {

// The names of a page's elements in order, or what is wrong with it.
struct ParsedPage {
  std::vector<std::string> elements;
  std::string text;     // between the tags, its references still in it
  std::string problem;  // empty: well formed

  long count(std::string_view name) const { return std::count(elements.begin(), elements.end(), name); }
};

namespace detail {

inline bool is_reference(std::string_view text, size_t at) {
  static constexpr std::array<std::string_view, 5> known = {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"};
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view name) { return text.substr(at, name.size()) == name; });
}

// `text` between tags or in quotes.
inline bool is_plain(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (text[i] == '<' || (text[i] == '&' && !is_reference(text, i))) return false;
    if (byte < 0x20 && text[i] != '\n' && text[i] != '\t') return false;
  }
  return true;
}

// `name="value" …`, which is removed from `rest` as far as it can be read.
inline bool takes_attributes(std::string_view& rest) {
  while (!rest.empty() && rest.front() == ' ') {
    rest.remove_prefix(1);
    const size_t name =
        std::min(rest.find_first_not_of("abcdefghijklmnopqrstuvwxyzBX-0123456789"), rest.size());
    if (name == 0) return true;
    if (rest.substr(name, 2) != "=\"") return false;
    const size_t end = rest.find('"', name + 2);
    if (end == std::string_view::npos || !is_plain(rest.substr(name + 2, end - name - 2))) return false;
    rest.remove_prefix(end + 1);
  }
  return true;
}

}  // namespace detail

inline ParsedPage parse_page(std::string_view page) {
  ParsedPage parsed;
  constexpr std::string_view doctype = "<!DOCTYPE html>\n";
  if (!page.starts_with(doctype)) return {{}, "", "no doctype"};
  page.remove_prefix(doctype.size());
  std::vector<std::string> open;
  while (!page.empty()) {
    const size_t tag = std::min(page.find('<'), page.size());
    if (!detail::is_plain(page.substr(0, tag)))
      return {{}, "", "text that is none: " + std::string(page.substr(0, 200))};
    parsed.text += page.substr(0, tag);
    page.remove_prefix(tag);
    const size_t end = page.find('>');
    if (page.empty()) break;
    const std::string where(page.substr(0, 200));
    if (end == std::string_view::npos) return {{}, "", "a tag without an end: " + where};
    std::string_view inside = page.substr(1, end - 1);
    page.remove_prefix(end + 1);
    if (inside.front() == '/') {
      if (open.empty() || open.back() != inside.substr(1))
        return {{}, "", "closes what is not open: " + where};
      open.pop_back();
      continue;
    }
    const size_t name = std::min(inside.find(' '), inside.size());
    parsed.elements.emplace_back(inside.substr(0, name));
    inside.remove_prefix(name);
    if (!detail::takes_attributes(inside)) return {{}, "", "an attribute that is none: " + where};
    if (inside != "/") open.push_back(parsed.elements.back());
  }
  if (!open.empty()) parsed.problem = "never closed: " + open.back();
  return parsed;
}

}  // namespace peft::test
