// The examples that a dataset makes of its files, one after the other.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "data/bad_rows.h"
#include "data/column_names.h"
#include "data/counts.h"
#include "peft/dataset.h"
#include "records/records.h"

namespace peft::host {

struct DataSource {
  Dataset& dataset;
  const DatasetDescriptor& descriptor;
  std::vector<std::filesystem::path> files = {};
  ColumnMap columns = {};  // the recipe's `data.columns`
  BadRows bad_rows = BadRows::error;
  ReadOptions options = {};
};

struct ReadSummary {
  int64_t rows = 0;
  Counts counts;  // what the dataset had to tell, malformed UTF-8, and rows left out
};

// What takes an example in file order; `where` is its row's place, FILE:LINE, or empty where the dataset
// makes examples of several rows.
using TakeExample = std::function<void(Example example, const std::string& where)>;

// Reads all of them. In memory: a row (see peft/row_dataset.h), or what the dataset keeps. Every example has
// a group. With `BadRows::skip` a row is left out as a whole, where the file can be read on behind it (see
// records/records.h) and the row lacks a column or a RowDataset refuses it; a row that another dataset
// refuses is an error nonetheless. Throws `peft::Error` for rows that are damaged or lack columns, and what
// `take` throws.
ReadSummary read_examples(const DataSource& source, const TakeExample& take);

// For a message: "a.jsonl, b.jsonl, c.jsonl and 4 more files".
std::string names_of(const std::vector<std::filesystem::path>& files);

}  // namespace peft::host
