#include "parquet/parquet_reader.h"

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>

#include <algorithm>
#include <exception>
#include <utility>

#include "parquet/file_check.h"
#include "peft/error.h"

namespace peft::host {
namespace {

constexpr int64_t most_rows = 1024;                    // of a batch
constexpr int64_t batch_bytes = int64_t{4} << 20;      // of a batch, about
constexpr int64_t stream_buffer = int64_t{256} << 10;  // of a column's compressed bytes

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// A codec or an encoding that Arrow was built without is nothing that fetching the file again would mend.
std::string remedy(const arrow::Status& status) {
  return status.IsNotImplemented()
             ? "; write the file again with another codec or encoding (snappy or zstd, say)"
             : "; the file is damaged: fetch or copy it again";
}

}  // namespace

ParquetReader::ParquetReader(const std::filesystem::path& file, const ReadOptions& options)
    : name_(file.string()) {
  check_parquet_ends(file);
  try {
    open();
    choose_columns(options);
  } catch (const Error&) {
    throw;
  } catch (const std::exception& problem) {  // Arrow's
    fail(problem.what());
  }
}

void ParquetReader::open() {
  arrow::MemoryPool* pool =
      arrow::system_memory_pool();  // the program's allocator, and no second one beside it
  auto source = arrow::io::ReadableFile::Open(name_, pool);
  check(source.status());
  parquet::ReaderProperties properties(pool);
  // Else a column's part of a row group, which may be gigabytes, would be read as a whole.
  properties.enable_buffered_stream();
  properties.set_buffer_size(stream_buffer);
  properties.set_page_checksum_verification(true);
  parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/false);
  arrow_properties.set_pre_buffer(false);
  parquet::arrow::FileReaderBuilder builder;
  check(builder.Open(*source, properties));
  check(builder.memory_pool(pool)->properties(arrow_properties)->Build(&file_));
}

void ParquetReader::choose_columns(const ReadOptions& options) {
  std::shared_ptr<arrow::Schema> schema;
  check(file_->GetSchema(&schema));
  const std::vector<std::string> names = schema->field_names();
  const auto wanted = [&](const std::string& name) {
    return !options.columns || contains(*options.columns, name);
  };
  const bool all = std::none_of(names.begin(), names.end(), wanted);
  for (size_t i = 0; i < names.size(); ++i) {
    if (!all && !wanted(names[i])) {
      skipped_.push_back(names[i]);
      continue;
    }
    if (std::count(names.begin(), names.end(), names[i]) > 1) {
      fail("found more than one column '" + names[i] + "', expected names that differ");
    }
    Column& column = columns_.emplace_back();
    column.name = names[i];
    check(file_->GetColumn(static_cast<int>(i), &column.reader));
  }
}

bool ParquetReader::next(Value& row) {
  if (batch_left_ == 0 && !read_batch()) return false;
  ++row_;
  --batch_left_;
  Value::Map map;
  map.reserve(columns_.size());
  for (Column& column : columns_) map.emplace_back(column.name, next_value(column));
  row = std::move(map);
  return true;
}

bool ParquetReader::read_batch() {
  while (group_rows_ == 0) {
    if (group_ + 1 >= file_->num_row_groups()) return false;
    group_rows_ = file_->parquet_reader()->metadata()->RowGroup(++group_)->num_rows();
  }
  const int64_t rows = std::min(group_rows_, batch_rows(group_));
  for (Column& column : columns_) read_batch(column, rows);
  group_rows_ -= rows;
  batch_left_ = rows;
  return true;
}

// Fewer where the rows are long: a batch takes about as much memory in any file.
int64_t ParquetReader::batch_rows(int group) const {
  const auto meta = file_->parquet_reader()->metadata()->RowGroup(group);
  const int64_t row_bytes = meta->total_byte_size() / std::max<int64_t>(meta->num_rows(), 1);
  return std::clamp<int64_t>(batch_bytes / std::max<int64_t>(row_bytes, 1), 1, most_rows);
}

void ParquetReader::read_batch(Column& column, int64_t rows) {
  column.chunk = 0;
  column.index = 0;
  try {
    const arrow::Status status = column.reader->NextBatch(rows, &column.batch);
    if (!status.ok()) fail(column, status.message() + remedy(status));
  } catch (const Error&) {
    throw;
  } catch (const std::exception& problem) {  // Arrow's
    fail(column, problem.what());
  }
  const int64_t found = column.batch ? column.batch->length() : 0;
  if (found != rows) {
    fail(column, "ends after row " + std::to_string(row_ + static_cast<size_t>(found)) +
                     ", where the footer promises more; the file is damaged: fetch or copy it again");
  }
}

Value ParquetReader::next_value(Column& column) {
  while (column.index == column.batch->chunk(column.chunk)->length()) {
    ++column.chunk;
    column.index = 0;
  }
  try {
    return values_.read(*column.batch->chunk(column.chunk), column.index++);
  } catch (const Error& problem) {
    fail(column, problem.what());
  }
}

void ParquetReader::fail(const std::string& message) const {
  throw Error(name_ + ": error: " + message);
}

void ParquetReader::fail(const Column& column, const std::string& message) const {
  fail("row group " + std::to_string(group_ + 1) + " of " + std::to_string(file_->num_row_groups()) +
       ", column '" + column.name + "': " + message);
}

void ParquetReader::check(const arrow::Status& status) const {
  if (!status.ok()) fail(status.message() + remedy(status));
}

}  // namespace peft::host
