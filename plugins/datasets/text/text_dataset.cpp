#include "text_dataset.h"

#include <string>

#include "peft/error.h"

namespace peft::text {

void TextDataset::read(RowSource& rows, ExampleSink& examples) const {
  int64_t number = 0;
  for (Value row; rows.next(row);) {
    ++number;
    const Value& text = row.at("text");
    if (!text.is_text()) {
      throw Error(rows.where() + ": error: found " + std::string(type_name(text.type())) +
                  " in the column 'text', expected text");
    }
    if (text.as_text().empty()) {
      examples.count("rows with an empty text");
      continue;
    }
    examples.add({.content = Text{text.as_text()}, .group = std::to_string(number)});
  }
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
