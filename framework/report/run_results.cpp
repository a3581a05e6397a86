#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "base/figures.h"
#include "base/json.h"
#include "report/run_sections.h"

namespace peft::host {
namespace {

using Row = EvaluationFigures::Row;

bool is_comparable(const Row& row) {
  return !std::isnan(row.base) && !std::isnan(row.tuned);
}

// As people read it, and the number itself for machines.
Html number(double value) {
  if (std::isnan(value)) return "-";
  return element("data", {{"value", dump_json(value)}}, figure(value));
}

std::string formatted(const char* format, double value) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

// "-8.1201 (-26.0 %)"; a change to the many times, of a base near 0, as a factor: "+52.0725 (× 586)".
Html change(const Row& row) {
  constexpr double many = 10;
  if (!is_comparable(row)) return "-";
  const double difference = row.tuned - row.base;
  const double ratio = row.tuned / row.base;
  std::string text = signed_figure(difference);
  if (row.base == 0 || !std::isfinite(ratio)) return text;
  return text + (ratio > many ? formatted(" (× %.3g)", ratio)
                              : formatted(" (%+.1f %%)", 100 * difference / std::fabs(row.base)));
}

std::string direction(const Row& row) {
  if (!row.lower_is_better) return "";
  return *row.lower_is_better ? "↓ lower is better" : "↑ higher is better";
}

Html verdict(const Row& row) {
  if (!is_comparable(row) || !row.lower_is_better) return "-";
  if (row.tuned == row.base) return "same";
  const bool better = (row.tuned < row.base) == *row.lower_is_better;
  return element("span", {{"class", better ? "good" : "bad"}}, better ? "✓ better" : "✗ worse");
}

Html said(const std::string& text) {
  if (text.empty()) return element("div", {{"class", "quiet"}}, "(nothing)");
  // Empty lines in front are shown as what they are, not as room.
  const size_t begin = std::min(text.find_first_not_of('\n'), text.size());
  Html breaks;
  for (size_t i = 0; i < begin; ++i) breaks += "⏎";
  if (begin > 0) breaks = element("span", {{"class", "quiet"}}, breaks + " ");
  return element("div", {{"class", "said"}, {"dir", "auto"}}, breaks + Html(text.substr(begin)));
}

Html speaker(const char* name, const char* kind, const std::string& text) {
  return element("div", {{"class", kind}}, element("div", {{"class", "quiet"}}, name) + said(text));
}

}  // namespace

Html run_results(const RunRecord& record) {
  if (!record.evaluation || record.evaluation->rows.empty()) return {};
  const std::vector<Row>& figures = record.evaluation->rows;
  const bool judged =
      std::any_of(figures.begin(), figures.end(), [](const Row& row) { return row.lower_is_better; });
  std::vector<std::string> columns = {"figure", "base", "tuned", "change"};
  if (judged) columns.emplace_back("tuned is");
  std::vector<std::vector<Html>> rows;
  for (const Row& row : figures) {
    Html name = row.figure;
    if (judged) name += element("br", Html()) + element("span", {{"class", "quiet"}}, direction(row));
    rows.push_back({name, number(row.base), number(row.tuned), change(row)});
    if (judged) rows.back().push_back(verdict(row));
  }
  Html results = element("div", {{"class", "figures"}}, table(columns, rows));
  if (record.evaluation->examples) {
    results += element(
        "p", {{"class", "quiet"}},
        "Measured on " + with_separators(*record.evaluation->examples) +
            " held-out examples, the same for both. Base is the model without any of the methods; a head "
            "that the task trains is on it too, as it starts.");
  }
  for (const std::string& signature : record.evaluation->signatures)
    results += element("p", {{"class", "quiet"}}, element("code", signature));
  return results;
}

Html run_samples(const RunRecord& record) {
  Html samples;
  for (const SampleTexts& sample : record.samples) {
    const Html answers = speaker("base", "base", sample.base) + speaker("tuned", "tuned", sample.tuned);
    samples +=
        element("article", {{"class", "sample"}},
                speaker("prompt", "prompt", sample.prompt) + element("div", {{"class", "pair"}}, answers)) +
        "\n";
  }
  return samples;
}

}  // namespace peft::host
