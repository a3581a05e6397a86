#include "imdb_dataset.h"

#include <array>
#include <utility>

#include "first_sentences.h"
#include "line_breaks.h"
#include "peft/shown.h"

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
    table.add("only", &ImdbOptions::only, "only the reviews with this label",
              {"all", "negative", "positive"});
    table.add("line_breaks", &ImdbOptions::line_breaks,
              "what the `<br />` in reviews become; keep: they stay", {"newline", "space", "keep"});
    table.add("question", &ImdbOptions::question,
              "what the user of a conversation says; {label} is negative or positive");
    table.add("max_words", &ImdbOptions::max_words,
              "only a review's first sentences, of so many words together at most: what is too long for "
              "data.max_length loses its question first",
              at_least(1));
    return table;
  }();
  return options;
}

std::optional<std::string> line_break(const std::string& option) {
  if (option == "keep") return {};
  return option == "newline" ? "\n" : " ";
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
      only_(options.only),
      line_break_(line_break(options.line_breaks)),
      question_("question", options.question, "label"),
      max_words_(options.max_words) {}

std::string ImdbDataset::review_in(const Value& row, const RowSource& rows, ExampleSink& counts) const {
  const std::string& written = text_in(row, "text", rows);
  std::string review = line_break_ ? replace_line_breaks(written, *line_break_) : written;
  if (!max_words_) return review;
  const size_t length = first_sentences(review, *max_words_).size();
  if (length < review.size()) counts.count("reviews cut after data.max_words");
  review.resize(length);
  return review;
}

void ImdbDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const bool with_label = examples_ != "text" || only_ != "all";
  const int64_t label = with_label ? label_in(row, rows) : 0;
  const std::string name = label_names.at(static_cast<size_t>(label));
  if (only_ != "all" && only_ != name) return examples.count("reviews with the other label");
  std::string review = review_in(row, rows, examples);
  if (review.empty()) return examples.count("rows with an empty text");
  if (examples_ == "text") return examples.add({.content = Text{std::move(review)}, .group = ""});
  if (examples_ == "labelled_text")
    return examples.add({.content = LabelledText{.text = std::move(review), .label = label}, .group = ""});
  // All ask one of two questions: the review is what must not be in both splits.
  std::string group = review;
  examples.add({.content = Conversation{{{"user", question_.filled(name)}, {"assistant", std::move(review)}}},
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
