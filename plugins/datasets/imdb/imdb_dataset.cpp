#include "imdb_dataset.h"

#include <array>
#include <utility>

#include "line_breaks.h"

namespace peft::imdb {
namespace {

constexpr std::array<const char*, 2> label_names = {"negative", "positive"};

const Options<ImdbOptions>& options() {
  static const Options<ImdbOptions> options = [] {
    Options<ImdbOptions> table;
    table.add("examples", &ImdbOptions::examples,
              "labelled_text: the review and its label, to be classified; text: the review alone; "
              "conversation: the user asks for a review, and this one answers",
              {"labelled_text", "text", "conversation"});
    table.add("line_breaks", &ImdbOptions::line_breaks,
              "what the `<br />` in reviews become; keep: they stay", {"newline", "space", "keep"});
    table.add("question", &ImdbOptions::question,
              "what the user of a conversation says; {label} is negative or positive");
    return table;
  }();
  return options;
}

std::optional<std::string> line_break(const std::string& option) {
  if (option == "keep") return {};
  return option == "newline" ? "\n" : " ";
}

std::string shown(const Value& found) {
  if (found.is_text()) return "'" + found.as_text() + "'";
  return found.is_integer() ? std::to_string(found.as_integer()) : std::string(type_name(found.type()));
}

// 0 or 1.
int64_t label_in(const Value& row, const RowSource& rows) {
  const Value* found = row.find("label");
  if (found == nullptr)
    refuse_row(rows, "found no column 'label', expected one; for reviews alone, set `data.examples: text`");
  const std::string label = found->is_integer() ? std::to_string(found->as_integer())
                            : found->is_text()  ? found->as_text()
                                                : "";
  if (label == "0" || label == "neg" || label == "negative") return 0;
  if (label == "1" || label == "pos" || label == "positive") return 1;
  refuse_row(rows, "found " + shown(*found) +
                       " in the column 'label', expected 0, neg or negative, or 1, pos or positive" +
                       (label == "-1" ? "; these are the reviews without labels: choose files that have "
                                        "some, or set `data.examples: text`"
                                      : ""));
}

}  // namespace

ImdbDataset::ImdbDataset(const ImdbOptions& options)
    : examples_(options.examples),
      line_break_(line_break(options.line_breaks)),
      question_("question", options.question, "label") {}

void ImdbDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& written = text_in(row, "text", rows);
  std::string review = line_break_ ? replace_line_breaks(written, *line_break_) : written;
  if (examples_ == "text") {
    if (review.empty()) return examples.count("rows with an empty text");
    return examples.add({.content = Text{std::move(review)}, .group = ""});
  }
  const int64_t label = label_in(row, rows);
  if (review.empty()) return examples.count("rows with an empty text");
  if (examples_ == "labelled_text")
    return examples.add({.content = LabelledText{.text = std::move(review), .label = label}, .group = ""});
  const std::string question = question_.filled(label_names.at(static_cast<size_t>(label)));
  // All ask one of two questions: the review is what must not be in both splits.
  std::string group = review;
  examples.add({.content = Conversation{{{"user", question}, {"assistant", std::move(review)}}},
                .group = std::move(group)});
}

DatasetDescriptor descriptor() {
  return {
      .name = "imdb",
      .summary = "a film review a row: text and label, to be classified, continued or asked for",
      .columns = {"text"},
      .optional_columns = {"label"},
      .options = options().table(),
      .create = [](const Value& values) { return std::make_unique<ImdbDataset>(options().read(values)); }};
}

}  // namespace peft::imdb
