// A document a row, trained on as it stands.
#pragma once

#include "peft/row_dataset.h"

namespace peft::text {

class TextDataset : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;
};

DatasetDescriptor descriptor();

}  // namespace peft::text
