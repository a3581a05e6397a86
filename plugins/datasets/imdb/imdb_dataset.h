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
  std::string only = "all";
  std::string line_breaks = "newline";
  std::string question = "Write a {label} film review.";
  std::optional<int64_t> max_words;  // absent: reviews are whole
};

class ImdbDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a question with braces around anything but label.
  explicit ImdbDataset(const ImdbOptions& options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  // Empty where the row's text is.
  std::string review_in(const Value& row, const RowSource& rows, ExampleSink& counts) const;

  std::string examples_;
  std::string only_;
  std::optional<std::string> line_break_;  // what stands for `<br />`; absent: it stays
  PatternText question_;
  std::optional<int64_t> max_words_;
};

DatasetDescriptor descriptor();

}  // namespace peft::imdb
