#include "cli/side_by_side.h"

#include <algorithm>

#include "cli/shown_text.h"
#include "cli/text_table.h"

namespace peft::host {
namespace {

constexpr size_t gap = 2;
constexpr size_t narrowest = 24;  // a column of prose that can still be read

// The end of the first line of `text`, which has no line break: as many words as fit, or what fits of one.
size_t line_end(std::string_view text, size_t width) {
  size_t last_blank = 0;
  size_t end = 0;
  while (end < text.size()) {
    size_t next = end + 1;
    while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0U) == 0x80) ++next;
    if (end > 0 && display_width(text.substr(0, next)) > width)
      return last_blank > 0 && text[end] != ' ' ? last_blank : end;
    if (text[end] == ' ') last_blank = end;
    end = next;
  }
  return end;
}

void wrap_line(std::string_view line, size_t width, std::vector<std::string>& lines) {
  do {
    const size_t end = line_end(line, width);
    lines.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
    while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  } while (!line.empty());
}

std::string below_one_another(const std::vector<Column>& columns, size_t width) {
  std::string text;
  for (const Column& column : columns) {
    text += column.title + "\n";
    for (const std::string& line : wrapped(column.text, width - gap))
      text += std::string(gap, ' ') + line + "\n";
  }
  return text;
}

}  // namespace

std::vector<std::string> wrapped(std::string_view text, size_t width) {
  const std::string shown = without_controls(text);
  std::vector<std::string> lines;
  std::string_view rest = shown;
  for (;;) {
    const size_t end = rest.find('\n');
    wrap_line(rest.substr(0, end), std::max<size_t>(width, 1), lines);
    if (end == std::string_view::npos) return lines;
    rest.remove_prefix(end + 1);
  }
}

std::string side_by_side(const std::vector<Column>& columns, size_t width) {
  const size_t gaps = gap * (columns.size() - 1);
  const size_t each = width > gaps ? (width - gaps) / columns.size() : 0;
  if (each < narrowest) return below_one_another(columns, std::max(width, narrowest + gap));
  std::vector<TableColumn> titles;
  std::vector<std::vector<std::string>> lines;
  size_t height = 0;
  for (const Column& column : columns) {
    titles.push_back({one_line(column.title, each), Align::left});
    lines.push_back(wrapped(column.text, each));
    height = std::max(height, lines.back().size());
  }
  TextTable table(std::move(titles));
  for (size_t row = 0; row < height; ++row) {
    std::vector<std::string> cells;
    for (const auto& of_column : lines) cells.push_back(row < of_column.size() ? of_column[row] : "");
    table.add(std::move(cells));
  }
  return table.text();
}

}  // namespace peft::host
