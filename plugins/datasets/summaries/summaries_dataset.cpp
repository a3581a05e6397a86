#include "summaries_dataset.h"

#include <memory>

namespace peft::summaries {

void SummariesDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& document = text_in(row, "document", rows);
  const std::string& summary = text_in(row, "summary", rows);
  if (document.empty()) return examples.count("rows with an empty document");
  if (summary.empty()) return examples.count("rows with an empty summary");
  examples.add({.content = SourceTarget{document, summary}, .group = ""});
}

DatasetDescriptor descriptor() {
  return {.name = "summaries",
          .summary = "a document and its summary a row; `columns: {document: article}` where it is so called",
          .columns = {"document", "summary"},
          .optional_columns = {},
          .options = {},
          .create = [](const Value&) { return std::make_unique<SummariesDataset>(); }};
}

}  // namespace peft::summaries
