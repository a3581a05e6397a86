// A text and its label a row.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "peft/dataset.h"
#include "peft/options.h"

namespace peft::labelled_text {

struct LabelledTextOptions {
  std::vector<std::string> labels;  // what the data calls them, from label 0 on; empty: by number
};

class LabelledTextDataset : public Dataset {
 public:
  // Throws `peft::UsageError` for a label that is there twice.
  explicit LabelledTextDataset(LabelledTextOptions options);

  void read(RowSource& rows, ExampleSink& examples) const override;

 private:
  int64_t label_of(const Value& found, const std::string& where) const;

  LabelledTextOptions options_;
};

DatasetDescriptor descriptor();

}  // namespace peft::labelled_text
