// Parquet files written for a test, from JSON.
#pragma once

#include <arrow/api.h>
#include <arrow/io/file.h>
#include <arrow/json/from_string.h>
#include <parquet/arrow/writer.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "records_fixture.h"

struct ParquetColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string values;  // a JSON array, in Arrow's reading: structs as maps or lists, maps as lists of pairs
};

struct ParquetLayout {
  int64_t group_rows = 1 << 20;
  parquet::Compression::type codec = parquet::Compression::SNAPPY;
  int64_t page_bytes = 1 << 20;
};

inline void require(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

inline std::filesystem::path write_parquet(const std::filesystem::path& file, const arrow::Table& table,
                                           const ParquetLayout& layout = {}) {
  auto sink = arrow::io::FileOutputStream::Open(file.string());
  require(sink.status());
  parquet::WriterProperties::Builder properties;
  properties.compression(layout.codec)->data_pagesize(layout.page_bytes)->enable_page_checksum();
  const auto keep_types = parquet::ArrowWriterProperties::Builder().store_schema()->build();
  require(parquet::arrow::WriteTable(table, arrow::default_memory_pool(), *sink, layout.group_rows,
                                     properties.build(), keep_types));
  require((*sink)->Close());
  return file;
}

inline std::filesystem::path write_parquet(const std::filesystem::path& file,
                                           const std::vector<ParquetColumn>& columns,
                                           const ParquetLayout& layout = {}) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const ParquetColumn& column : columns) {
    const auto array = arrow::json::ArrayFromJSONString(column.type, column.values);
    require(array.status());
    fields.push_back(arrow::field(column.name, column.type));
    arrays.push_back(*array);
  }
  return write_parquet(file, *arrow::Table::Make(arrow::schema(fields), arrays), layout);
}

// Rows of plain values as Parquet: these columns of them.
inline std::filesystem::path write_parquet(const std::filesystem::path& file,
                                           const std::vector<peft::Value>& rows,
                                           const arrow::FieldVector& fields) {
  std::vector<ParquetColumn> columns;
  for (const auto& field : fields) {
    peft::Value::List values;
    for (const peft::Value& row : rows) {
      const peft::Value* value = row.find(field->name());
      values.push_back(value != nullptr ? *value : peft::Value());
    }
    columns.push_back({field->name(), field->type(), peft::host::dump_json(peft::Value(std::move(values)))});
  }
  return write_parquet(file, columns);
}

// What OpenAssistant's file has that its plugin reads, and one nested column that it does not.
inline arrow::FieldVector message_fields() {
  using arrow::field;
  return {field("message_id", arrow::utf8()),
          field("parent_id", arrow::utf8()),
          field("text", arrow::utf8()),
          field("role", arrow::utf8()),
          field("lang", arrow::utf8()),
          field("deleted", arrow::boolean()),
          field("rank", arrow::int64()),
          field("message_tree_id", arrow::utf8()),
          field("labels", arrow::struct_({field("name", arrow::list(arrow::utf8()))}))};
}
