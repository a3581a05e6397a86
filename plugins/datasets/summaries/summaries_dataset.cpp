#include "summaries_dataset.h"

#include <utility>

namespace peft::summaries {
namespace {

const Options<SummariesOptions>& options() {
  static const Options<SummariesOptions> options = [] {
    Options<SummariesOptions> table;
    table.add("source_prefix", &SummariesOptions::source_prefix,
              "what stands in front of each document: T5 was trained on \"summarize: \"");
    return table;
  }();
  return options;
}

}  // namespace

SummariesDataset::SummariesDataset(SummariesOptions options) : options_(std::move(options)) {}

void SummariesDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& document = text_in(row, "document", rows);
  const std::string& summary = text_in(row, "summary", rows);
  if (document.empty()) return examples.count("rows with an empty document");
  if (summary.empty()) return examples.count("rows with an empty summary");
  examples.add({.content = SourceTarget{options_.source_prefix + document, summary}, .group = ""});
}

DatasetDescriptor descriptor() {
  return {.name = "summaries",
          .summary = "a document and its summary a row; `columns: {document: article}` where it is so called",
          .columns = {"document", "summary"},
          .optional_columns = {},
          .options = options().table(),
          .create = [](const Value& values) {
            return std::make_unique<SummariesDataset>(options().read(values));
          }};
}

}  // namespace peft::summaries
