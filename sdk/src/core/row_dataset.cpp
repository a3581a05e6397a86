#include "peft/row_dataset.h"

#include "peft/error.h"

namespace peft {

RowDataset::~RowDataset() = default;

void RowDataset::read(RowSource& rows, ExampleSink& examples) const {
  for (Value row; rows.next(row);) read_row(row, rows, examples);
}

void* RowDataset::query(std::string_view wanted) noexcept {
  return wanted == id ? this : nullptr;
}

void refuse_row(const RowSource& rows, const std::string& problem) {
  throw Error(rows.where() + ": error: " + problem);
}

const std::string& text_in(const Value& row, std::string_view column, const RowSource& rows) {
  const Value& value = row.at(column);
  if (value.is_text()) return value.as_text();
  refuse_row(rows, "found " + std::string(type_name(value.type())) + " in the column '" +
                       std::string(column) +
                       "', expected text; correct it, or leave such rows out by `data.bad_rows: skip`");
}

}  // namespace peft
