// Film reviews and whether they praise: text, label (stanfordnlp/imdb).
#pragma once

#include <optional>
#include <string>

#include "peft/options.h"
#include "peft/pattern_text.h"
#include "peft/row_dataset.h"

namespace peft::imdb {

struct ImdbOptions {
  std::string examples = "labelled_text";
  std::string line_breaks = "newline";
  std::string question = "Write a {label} film review.";
};

class ImdbDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a question without {label}.
  explicit ImdbDataset(const ImdbOptions& options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  std::string examples_;
  std::optional<std::string> line_break_;  // what stands for `<br />`; absent: it stays
  PatternText question_;
};

DatasetDescriptor descriptor();

}  // namespace peft::imdb
