#include "data/read_examples.h"

#include <utility>

#include "data/dataset_rows.h"
#include "data/example_group.h"
#include "peft/error.h"
#include "peft/row_dataset.h"

namespace peft::host {
namespace {

// Every example gets a group.
void pass_on(Example&& example, const std::string& where, const TakeExample& take) {
  if (example.group.empty()) example.group = group_by_content(example);
  take(std::move(example), where);
}

// Of a dataset that reads its rows itself.
class PassingSink : public ExampleSink {
 public:
  PassingSink(const TakeExample& take, Counts& counts) : take_(take), counts_(counts) {}
  void add(Example example) override { pass_on(std::move(example), "", take_); }
  void count(std::string_view what, int64_t times) override { counts_.add(what, times); }

 private:
  const TakeExample& take_;
  Counts& counts_;
};

// Of one row: what it gave counts only if all of it could be read.
struct RowSink : ExampleSink {
  std::vector<Example> examples;
  Counts counts;

  void add(Example example) override { examples.push_back(std::move(example)); }
  void count(std::string_view what, int64_t times) override { counts.add(what, times); }
  void clear() {
    examples.clear();
    counts = {};
  }
};

void read_rows(const RowDataset& dataset, DatasetRows& rows, BadRows bad_rows, const TakeExample& take,
               ReadSummary& summary) {
  SkippedRows refused;
  RowSink sink;
  for (Value row; rows.next(row);) {
    sink.clear();
    try {
      dataset.read_row(row, rows, sink);
    } catch (const Error& problem) {
      if (bad_rows == BadRows::error) throw;
      refused.add(problem.what());
      continue;
    }
    summary.counts.add(sink.counts);
    const std::string where = sink.examples.empty() ? "" : rows.where();
    for (Example& example : sink.examples) pass_on(std::move(example), where, take);
  }
  refused.count_in(summary.counts, "rows that the dataset cannot take, left out");
}

}  // namespace

ReadSummary read_examples(const DataSource& source, const TakeExample& take) {
  ReadSummary summary;
  DatasetRows rows(source.files, source.descriptor, source.columns, source.options, source.bad_rows);
  if (const auto* by_row = query<RowDataset>(source.dataset)) {
    read_rows(*by_row, rows, source.bad_rows, take, summary);
  } else {
    PassingSink sink(take, summary.counts);
    source.dataset.read(rows, sink);
  }
  summary.rows = rows.rows();
  rows.skipped().count_in(summary.counts, "rows that cannot be read, left out");
  rows.count_replaced(summary.counts);
  return summary;
}

std::string names_of(const std::vector<std::filesystem::path>& files) {
  constexpr size_t shown = 3;
  std::string text;
  for (size_t i = 0; i < files.size() && i < shown; ++i) text += (i == 0 ? "" : ", ") + files[i].string();
  if (files.size() > shown) text += " and " + std::to_string(files.size() - shown) + " more files";
  return text;
}

}  // namespace peft::host
