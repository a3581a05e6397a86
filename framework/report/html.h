// Markup that cannot be broken out of: text becomes markup only by being escaped. What comes out is both HTML
// and well-formed XML, so that any parser reads it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

class Html {
 public:
  Html() = default;
  // As text, with all that markup means escaped. Control characters become their pictures (U+001B: ␛),
  // malformed UTF-8 U+FFFD: whatever a model says can be shown.
  Html(std::string_view text);
  Html(const std::string& text) : Html(std::string_view(text)) {}
  Html(const char* text) : Html(std::string_view(text)) {}

  // Markup as it stands: of constants of ours only, never of what was read.
  static Html trusted(std::string_view markup);

  Html& operator+=(const Html& more);
  bool is_empty() const { return markup_.empty(); }
  const std::string& markup() const { return markup_; }

 private:
  std::string markup_;
};

Html operator+(Html first, const Html& second);

struct Attribute {
  std::string_view name;
  std::string value;  // is escaped
};
using Attributes = std::vector<Attribute>;

// `<name …>content</name>`; elements that HTML knows as empty (`meta`, `br`) as `<name … />`.
Html element(std::string_view name, const Attributes& attributes, const Html& content);
Html element(std::string_view name, const Html& content);

// A table's row, a cell an item: `td`, the first one `th` of the row.
Html table_row(const std::vector<Html>& cells);
// A whole table: columns' names, then rows. Wide ones scroll in a box of their own.
Html table(const std::vector<std::string>& columns, const std::vector<std::vector<Html>>& rows,
           const std::string& caption = "");

}  // namespace peft::host
