#include "cli/text_table.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "cli/shown_text.h"

namespace peft::host {
namespace {

constexpr size_t gap = 2;

std::string blanks(size_t count) {
  return std::string(count, ' ');
}

}  // namespace

void TextTable::add(std::vector<std::string> cells) {
  if (cells.size() != columns_.size()) throw std::logic_error("a row has other cells than the table columns");
  rows_.push_back(std::move(cells));
}

std::string TextTable::line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const {
  std::string text;
  for (size_t c = 0; c < cells.size(); ++c) {
    const std::string padding = blanks(widths[c] - display_width(cells[c]));
    if (c > 0) text += blanks(gap);
    text += columns_[c].align == Align::left ? cells[c] + padding : padding + cells[c];
  }
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string TextTable::text() const {
  std::vector<std::string> titles;
  std::vector<size_t> widths;
  for (const TableColumn& column : columns_) {
    titles.push_back(column.title);
    widths.push_back(display_width(column.title));
  }
  for (const auto& row : rows_) {
    for (size_t c = 0; c < row.size(); ++c) widths[c] = std::max(widths[c], display_width(row[c]));
  }
  std::vector<std::string> rule;
  rule.reserve(widths.size());
  for (const size_t width : widths) rule.emplace_back(width, '-');
  std::string text = line(titles, widths) + line(rule, widths);
  for (const auto& row : rows_) text += line(row, widths);
  return text;
}

std::string aligned_pairs(const std::vector<std::pair<std::string, std::string>>& pairs, size_t indent) {
  size_t widest = 0;
  for (const auto& [name, value] : pairs) widest = std::max(widest, display_width(name));
  std::string text;
  for (const auto& [name, value] : pairs) {
    text.append(blanks(indent)).append(name).append(blanks(widest - display_width(name) + gap));
    text.append(value).append("\n");
  }
  return text;
}

}  // namespace peft::host
