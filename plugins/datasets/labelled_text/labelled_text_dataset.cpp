#include "labelled_text_dataset.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "peft/error.h"
#include "peft/names.h"
#include "peft/shown.h"

namespace peft::labelled_text {
namespace {

const Options<LabelledTextOptions>& options() {
  static const Options<LabelledTextOptions> options = [] {
    Options<LabelledTextOptions> table;
    table.add(
        "labels", &LabelledTextOptions::labels,
        "what the data calls the labels, from label 0 on: `[negative, positive]`; unless given, they are "
        "numbers from 0");
    return table;
  }();
  return options;
}

// A whole number, or a text that is one, as in a CSV file.
std::optional<int64_t> number_in(const Value& found) {
  if (found.is_integer()) return found.as_integer();
  if (!found.is_text()) return {};
  const std::string& text = found.as_text();
  int64_t number = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (problem != std::errc() || end != text.data() + text.size()) return {};
  return number;
}

}  // namespace

LabelledTextDataset::LabelledTextDataset(LabelledTextOptions options) : options_(std::move(options)) {
  const std::set<std::string> once(options_.labels.begin(), options_.labels.end());
  if (once.size() != options_.labels.size())
    throw UsageError("'labels' has a label twice; give each a name of its own");
}

int64_t LabelledTextDataset::label_of(const Value& found, const RowSource& rows) const {
  if (options_.labels.empty()) {
    const std::optional<int64_t> number = number_in(found);
    if (number && *number >= 0) return *number;
    refuse_row(rows,
               "found " + shown(found) +
                   " in the column 'label', expected a number from 0 on; where labels have names, say them "
                   "in order, as `data.labels: [NAME, NAME]`");
  }
  // Names may be written as numbers: `labels: ['1', '5']`.
  const std::string name = found.is_integer() ? std::to_string(found.as_integer())
                           : found.is_text()  ? found.as_text()
                                              : "";
  const auto label = std::ranges::find(options_.labels, name);
  if (label != options_.labels.end()) return label - options_.labels.begin();
  refuse_row(rows, "found " + shown(found) +
                       " in the column 'label', expected one of data.labels: " + join(options_.labels));
}

void LabelledTextDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& text = text_in(row, "text", rows);
  const int64_t label = label_of(row.at("label"), rows);
  if (text.empty()) return examples.count("rows with an empty text");
  examples.add({.content = LabelledText{.text = text, .label = label}, .group = ""});
}

DatasetDescriptor descriptor() {
  return {.name = "labelled_text",
          .summary = "a text and its label a row, in the columns text and label",
          .columns = {"text", "label"},
          .optional_columns = {},
          .options = options().table(),
          .create = [](const Value& values) {
            return std::make_unique<LabelledTextDataset>(options().read(values));
          }};
}

}  // namespace peft::labelled_text
