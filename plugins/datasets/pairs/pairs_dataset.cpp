#include "pairs_dataset.h"

#include <memory>
#include <string>

namespace peft::pairs {

void PairsDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& source = text_in(row, "source", rows);
  const std::string& target = text_in(row, "target", rows);
  if (source.empty()) return examples.count("rows with an empty source");
  if (target.empty()) return examples.count("rows with an empty target");
  examples.add({.content = SourceTarget{source, target}, .group = ""});
}

DatasetDescriptor descriptor() {
  return {.name = "pairs",
          .summary = "a source and a target a row",
          .columns = {"source", "target"},
          .optional_columns = {},
          .options = {},
          .create = [](const Value&) { return std::make_unique<PairsDataset>(); }};
}

}  // namespace peft::pairs
