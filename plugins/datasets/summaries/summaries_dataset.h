// A document and its summary a row: a source and a target. Summaries of one document are one group.
#pragma once

#include "peft/row_dataset.h"

namespace peft::summaries {

class SummariesDataset : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;
};

DatasetDescriptor descriptor();

}  // namespace peft::summaries
