// The examples that a dataset makes of its files.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "data/column_names.h"
#include "data/counts.h"
#include "peft/dataset.h"
#include "records/records.h"

namespace peft::host {

struct ExampleList {
  std::vector<Example> examples;  // in file order; an example's place is its number
  int64_t rows = 0;
  Counts counts;  // what the dataset had to tell, and malformed UTF-8
};

// `columns` is the recipe's `data.columns`. Throws `peft::Error` for rows that are damaged or lack columns,
// and where no example comes out, saying what was read and what was left out.
ExampleList read_examples(const Dataset& dataset, const DatasetDescriptor& descriptor,
                          const std::vector<std::filesystem::path>& files, const ColumnMap& columns = {},
                          const ReadOptions& options = {});

}  // namespace peft::host
