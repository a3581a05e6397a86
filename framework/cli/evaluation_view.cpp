#include "cli/evaluation_view.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

#include "base/figures.h"
#include "cli/shown_text.h"
#include "cli/text_table.h"

namespace peft::host {
namespace {

constexpr size_t samples_shown = 3;

bool is_comparable(const EvaluationTable::Row& row) {
  return !std::isnan(row.base) && !std::isnan(row.tuned);
}

bool is_better(const EvaluationTable::Row& row) {
  return row.lower_is_better ? row.tuned < row.base : row.tuned > row.base;
}

std::string verdict(const EvaluationTable::Row& row) {
  if (!is_comparable(row)) return "-";
  if (row.tuned == row.base) return "same";
  return is_better(row) ? "yes" : "no";
}

// "-8.1201 (-26.0 %)".
std::string change(const EvaluationTable::Row& row) {
  const double difference = row.tuned - row.base;
  if (!is_comparable(row) || row.base == 0 || !std::isfinite(difference / row.base))
    return signed_figure(difference);
  std::array<char, 32> percent{};
  std::snprintf(percent.data(), percent.size(), " (%+.1f %%)", 100 * difference / std::fabs(row.base));
  return signed_figure(difference) + percent.data();
}

std::string sample_text(const EvaluationTable::Sample& sample, size_t width) {
  constexpr size_t indent = 10;  // of what aligned_pairs puts in front
  const size_t room = width > indent + 10 ? width - indent : 10;
  return "\n" + aligned_pairs({{"prompt", one_line(sample.prompt, room)},
                               {"base", one_line(sample.base, room)},
                               {"tuned", one_line(sample.tuned, room)}},
                              2);
}

}  // namespace

std::string evaluation_text(const EvaluationTable& table, size_t width) {
  TextTable figures(
      {{"figure"}, {"base", Align::right}, {"tuned", Align::right}, {"change", Align::right}, {"better?"}});
  for (const EvaluationTable::Row& row : table.rows) {
    figures.add({row.figure, figure(row.base), figure(row.tuned), change(row), verdict(row)});
  }
  std::string text = figures.text();
  text += "\nmeasured on " + with_separators(table.examples) + " held-out examples; trained " +
          with_separators(table.trainable_parameters) + " of " + with_separators(table.total_parameters) +
          " parameters (" + share_of(table.trainable_parameters, table.total_parameters) + ")\n";
  for (const std::string& signature : table.signatures) text += signature + "\n";
  const size_t shown = std::min(table.samples.size(), samples_shown);
  for (size_t i = 0; i < shown; ++i) text += sample_text(table.samples[i], width);
  return text;
}

Value evaluation_value(const EvaluationTable& table) {
  Value::List figures;
  for (const EvaluationTable::Row& row : table.rows) {
    figures.emplace_back(Value::Map{
        {"figure", row.figure},
        {"base", row.base},
        {"tuned", row.tuned},
        {"change", row.tuned - row.base},
        {"lower_is_better", row.lower_is_better},
        {"better", is_comparable(row) ? Value(is_better(row)) : Value()},
    });
  }
  Value::List samples;
  for (const EvaluationTable::Sample& sample : table.samples) samples.push_back(to_value(sample));
  Value value = to_value(table);
  value.set("figures", std::move(figures));
  value.set("samples", std::move(samples));
  return value;
}

}  // namespace peft::host
