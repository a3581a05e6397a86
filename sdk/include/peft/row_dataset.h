// Datasets of which every row stands for itself: most of them.
#pragma once

#include <string>
#include <string_view>

#include "peft/dataset.h"

namespace peft {

// What one row becomes, without a memory of the others: the host may read on behind a row that is refused
// (`data.bad_rows: skip`), and reads in one pass files that do not fit into memory.
class RowDataset : public Dataset {
 public:
  static constexpr const char* id = "peft.row_dataset.1";
  ~RowDataset() override;

  // The examples of a row, a map with the columns the dataset declares: none, one or several. `rows` is for
  // `rows.where()` alone. An example without a group shares one with all that ask the same: the same text,
  // source, prompt or turns, whatever the label, target or answers. Throws `peft::Error` naming
  // `rows.where()` for a row that cannot be read as this dataset's.
  virtual void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const = 0;

  void read(RowSource& rows, ExampleSink& examples) const final;
  // Finds this class: a class derived from it that has interfaces of its own asks it for the others.
  void* query(std::string_view wanted) noexcept override;
};

// For a row that cannot be read. Throws `peft::Error`: "FILE:LINE: error: PROBLEM".
[[noreturn]] void refuse_row(const RowSource& rows, const std::string& problem);

// The text in a row's column. Refuses the row where something else is there.
const std::string& text_in(const Value& row, std::string_view column, const RowSource& rows);

}  // namespace peft
