// A source and a target a row.
#pragma once

#include "peft/row_dataset.h"

namespace peft::pairs {

class PairsDataset : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;
};

DatasetDescriptor descriptor();

}  // namespace peft::pairs
