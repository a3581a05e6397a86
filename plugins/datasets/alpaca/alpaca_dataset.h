// Instructions and answers in Alpaca's form: instruction, input, output.
#pragma once

#include "peft/row_dataset.h"

namespace peft::alpaca {

// A conversation a row: the user gives the instruction and, below it, the input where there is one; the
// output is the answer. Alpaca's own wording around them ("Below is an instruction that …") is a template's
// matter.
class AlpacaDataset : public RowDataset {
 public:
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;
};

DatasetDescriptor descriptor();

}  // namespace peft::alpaca
