// A text and its label a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::labelled_text {

struct LabelledTextOptions {
  std::vector<std::string> labels;  // what the data calls them, from label 0 on; empty: by number
};

class LabelledTextDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a label that is there twice.
  explicit LabelledTextDataset(LabelledTextOptions options);

  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  int64_t label_of(const Value& found, const RowSource& rows) const;

  LabelledTextOptions options_;
};

DatasetDescriptor descriptor();

}  // namespace peft::labelled_text
