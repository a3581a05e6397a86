// A table of text with aligned columns.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

namespace peft::host {

enum class Align { left, right };

struct TableColumn {
  std::string title;
  Align align = Align::left;
};

class TextTable {
 public:
  explicit TextTable(std::vector<TableColumn> columns) : columns_(std::move(columns)) {}

  // As many cells as there are columns, one line each.
  void add(std::vector<std::string> cells);
  size_t rows() const { return rows_.size(); }

  // Titles, a rule, and the rows; every line ends in a newline and none in a blank.
  std::string text() const;

 private:
  std::string line(const std::vector<std::string>& cells, const std::vector<size_t>& widths) const;

  std::vector<TableColumn> columns_;
  std::vector<std::vector<std::string>> rows_;
};

// "name   value" lines: names padded to one width, `indent` blanks in front.
std::string aligned_pairs(const std::vector<std::pair<std::string, std::string>>& pairs, size_t indent = 0);

}  // namespace peft::host
