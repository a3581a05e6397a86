#include "text_dataset.h"

#include <string>

namespace peft::text {

void TextDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& text = text_in(row, "text", rows);
  if (text.empty()) return examples.count("rows with an empty text");
  examples.add({.content = Text{text}, .group = ""});
}

DatasetDescriptor descriptor() {
  return {.name = "text",
          .summary = "a document a row, in the column text",
          .columns = {"text"},
          .optional_columns = {},
          .options = {},
          .create = [](const Value&) { return std::make_unique<TextDataset>(); }};
}

}  // namespace peft::text
