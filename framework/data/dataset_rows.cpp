#include "data/dataset_rows.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "base/suggest.h"
#include "peft/error.h"

namespace peft::host {
namespace {

std::vector<std::string> keys(const Value& row) {
  std::vector<std::string> names;
  for (const auto& [key, value] : row.as_map()) names.push_back(key);
  return names;
}

// What the dataset reads of a row, under the names of the file.
std::vector<std::string> wanted(const DatasetDescriptor& dataset, const ColumnMap& columns) {
  std::vector<std::string> names = dataset.columns;
  names.insert(names.end(), dataset.optional_columns.begin(), dataset.optional_columns.end());
  for (const auto& [name, in_file] : columns) names.push_back(in_file);
  return names;
}

ReadOptions only(std::vector<std::string> columns, ReadOptions options) {
  options.columns = std::move(columns);
  return options;
}

}  // namespace

DatasetRows::DatasetRows(std::vector<std::filesystem::path> files, const DatasetDescriptor& dataset,
                         const ColumnMap& columns, const ReadOptions& options, BadRows bad_rows)
    : dataset_(dataset),
      columns_(columns),
      reader_(open_records(std::move(files), only(wanted(dataset, columns), options))),
      bad_rows_(bad_rows) {}

void DatasetRows::count_replaced(Counts& counts) const {
  counts.add("malformed UTF-8 sequences replaced by U+FFFD" +
                 (first_replaced_.empty() ? "" : " (the first: " + first_replaced_ + ")"),
             static_cast<int64_t>(reader_->replaced_characters()));
}

bool DatasetRows::next(Value& row) {
  for (;;) {
    try {
      return read(row);
    } catch (const BadRow& problem) {
      if (bad_rows_ == BadRows::error) throw;
      skipped_.add(problem.what());
    }
  }
}

bool DatasetRows::read(Value& row) {
  ++rows_;  // also one that cannot be read
  const size_t replaced = reader_->replaced_characters();
  if (!reader_->next(row)) {
    --rows_;
    check_all_found();
    return false;
  }
  if (first_replaced_.empty() && reader_->replaced_characters() > replaced) first_replaced_ = where();
  // The file's own names are kept only where they will be others.
  if (columns_.renames()) in_file_ = keys(row);
  columns_.apply(row);
  check_columns(row);
  read_structured(row);
  return true;
}

void DatasetRows::check_columns(const Value& row) const {
  for (const std::string& column : dataset_.columns) {
    const std::string& wanted = columns_.in_file(column);
    const bool renamed = wanted != column;
    const bool found = !renamed || std::find(in_file_.begin(), in_file_.end(), wanted) != in_file_.end();
    if (found && row.find(column) != nullptr) continue;
    std::vector<std::string> in_file = columns_.renames() ? in_file_ : keys(row);
    for (std::string& name : reader_->skipped_columns()) in_file.push_back(std::move(name));
    if (!renamed && std::ranges::count(in_file, column) > 0) {
      throw BadRow(where() + ": error: found the column '" + column +
                   "' given away by data.columns, expected it as '" + column +
                   "', too; correct data.columns, "
                   "or add `" +
                   column + ": " + column + "` to it");
    }
    throw BadRow(where() + ": error: found the columns " + join(in_file) + ", expected " +
                 (renamed ? "'" + wanted + "' (data.columns." + column + ")" : "'" + column + "'") +
                 did_you_mean(wanted, in_file) + "; the dataset " + dataset_.name + " needs " +
                 join(dataset_.columns) + ": say what this file calls it, as `data.columns: {" + column +
                 ": NAME}`");
  }
}

void DatasetRows::read_structured(Value& row) const {
  for (const std::string& column : dataset_.structured_columns) {
    const Value* found = row.find(column);
    if (found == nullptr || !found->is_text() || found->as_text().empty()) continue;
    try {
      row.set(column,
              parse_json(found->as_text(), {.name = "column '" + column + "'", .line = 1, .column = 1}));
    } catch (const Error& problem) {
      throw BadRow(where() + ": error: found text in the column '" + columns_.in_file(column) +
                   "' that is not JSON (" + problem.what() + "), expected a list or a map written as JSON");
    }
  }
}

void DatasetRows::check_all_found() const {
  const std::vector<std::string> missing = columns_.never_found();
  if (rows_ == 0 || missing.empty()) return;
  throw Error("data.columns: found no row with " + join(missing) + " in " + reader_->location().file +
              (missing.size() == 1 ? ", expected a column" : ", expected columns") +
              " of that name in the data; correct the name, or leave it out");
}

}  // namespace peft::host
