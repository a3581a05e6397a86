// The rows of a dataset's files under the names the dataset declares.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/bad_rows.h"
#include "data/column_names.h"
#include "peft/dataset.h"
#include "records/records.h"

namespace peft::host {

class DatasetRows : public RowSource {
 public:
  // The descriptor must outlive this.
  DatasetRows(std::vector<std::filesystem::path> files, const DatasetDescriptor& dataset,
              const ColumnMap& columns, const ReadOptions& options = {}, BadRows bad_rows = BadRows::error);

  // Throws `peft::Error` as `FILE:LINE: error: …` for a row without a column that the dataset needs, and for
  // a structured column whose text is not JSON; at the end, for a column of `data.columns` that no row had.
  // With `BadRows::skip` such rows are passed over, and those that the reader can read on behind.
  bool next(Value& row) override;
  std::string where() const override { return reader_->location().text(); }

  // All that were met, those that were skipped included.
  int64_t rows() const { return rows_; }
  const SkippedRows& skipped() const { return skipped_; }
  // Malformed UTF-8 sequences that became U+FFFD, and where the first of them stands.
  void count_replaced(Counts& counts) const;

 private:
  bool read(Value& row);
  void check_columns(const Value& row) const;
  void read_structured(Value& row) const;
  void check_all_found() const;

  const DatasetDescriptor& dataset_;
  ColumnNames columns_;
  std::unique_ptr<RecordReader> reader_;
  BadRows bad_rows_;
  SkippedRows skipped_;
  int64_t rows_ = 0;
  std::string first_replaced_;        // where a row has malformed UTF-8; empty: none has
  std::vector<std::string> in_file_;  // the file's names of the row's columns, where some are renamed
};

}  // namespace peft::host
