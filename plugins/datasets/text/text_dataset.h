// A document a row, trained on as it stands.
#pragma once

#include "peft/dataset.h"

namespace peft::text {

class TextDataset : public Dataset {
 public:
  void read(RowSource& rows, ExampleSink& examples) const override;
};

DatasetDescriptor descriptor();

}  // namespace peft::text
