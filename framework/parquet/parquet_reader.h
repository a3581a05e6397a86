// Rows of a Parquet file, as a stream: a few pages and a batch of rows of each wanted column in memory.
#pragma once

#include <parquet/arrow/reader.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "parquet/arrow_value.h"
#include "records/records.h"

namespace peft::host {

class ParquetReader : public RecordReader {
 public:
  // Columns that are not wanted are never read; where the file has none of the wanted ones, all are, for
  // whoever is to say what was found. Throws `peft::Error`.
  ParquetReader(const std::filesystem::path& file, const ReadOptions& options);

  // Throws `peft::Error` naming the row group and the column where the file is damaged.
  bool next(Value& row) override;
  Location location() const override { return {name_, 0, row_}; }
  size_t replaced_characters() const override { return values_.replaced_characters(); }
  std::vector<std::string> skipped_columns() const override { return skipped_; }

 private:
  // A column's place in the batch: the array and the next element in it.
  struct Column {
    std::string name;
    std::unique_ptr<parquet::arrow::ColumnReader> reader;
    std::shared_ptr<arrow::ChunkedArray> batch;
    int chunk = 0;
    int64_t index = 0;
  };

  void open();
  void choose_columns(const ReadOptions& options);
  bool read_batch();
  void read_batch(Column& column, int64_t rows);
  int64_t batch_rows(int group) const;
  Value next_value(Column& column);
  [[noreturn]] void fail(const std::string& message) const;
  [[noreturn]] void fail(const Column& column, const std::string& message) const;
  void check(const arrow::Status& status) const;

  std::string name_;
  std::unique_ptr<parquet::arrow::FileReader> file_;
  std::vector<Column> columns_;
  std::vector<std::string> skipped_;
  ArrowValues values_;
  int group_ = -1;          // being read
  int64_t group_rows_ = 0;  // left in it
  int64_t batch_left_ = 0;  // rows of the batch that `next` has not given yet
  size_t row_ = 0;
};

}  // namespace peft::host
