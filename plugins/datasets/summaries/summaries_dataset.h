// A document and its summary a row: a source and a target. Summaries of one document are one group.
#pragma once

#include <string>

#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::summaries {

struct SummariesOptions {
  std::string source_prefix;
};

class SummariesDataset : public RowDataset {
 public:
  explicit SummariesDataset(SummariesOptions options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  SummariesOptions options_;
};

DatasetDescriptor descriptor();

}  // namespace peft::summaries
