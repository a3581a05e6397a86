// The rows of a dataset's files under the names the dataset declares.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/column_names.h"
#include "peft/dataset.h"
#include "records/records.h"

namespace peft::host {

class DatasetRows : public RowSource {
 public:
  // The descriptor must outlive this.
  DatasetRows(std::vector<std::filesystem::path> files, const DatasetDescriptor& dataset,
              const ColumnMap& columns, const ReadOptions& options = {});

  // Throws `peft::Error` as `FILE:LINE: error: …` for a row without a column that the dataset needs, and for
  // a structured column whose text is not JSON; at the end, for a column of `data.columns` that no row had.
  bool next(Value& row) override;
  std::string where() const override { return reader_->location().text(); }

  int64_t rows() const { return rows_; }
  // Malformed UTF-8 sequences that became U+FFFD.
  int64_t replaced_characters() const { return static_cast<int64_t>(reader_->replaced_characters()); }

 private:
  void check_columns(const Value& row, std::vector<std::string> in_file) const;
  void read_structured(Value& row) const;
  void check_all_found() const;

  const DatasetDescriptor& dataset_;
  ColumnNames columns_;
  std::unique_ptr<RecordReader> reader_;
  int64_t rows_ = 0;
};

}  // namespace peft::host
