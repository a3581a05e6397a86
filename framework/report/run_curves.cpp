#include <algorithm>
#include <cmath>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/figures.h"
#include "report/chart.h"
#include "report/page.h"
#include "report/run_sections.h"

namespace peft::host {
namespace {

constexpr size_t rows_shown = 200;

Curve step_curve(const RunRecord& record, const std::string& label, double StepFigures::*figure,
                 double scale = 1.0) {
  Curve curve{label, {}};
  for (const StepFigures& step : record.metrics.steps)
    curve.points.push_back({static_cast<double>(step.step), step.*figure * scale});
  return curve;
}

// A hundredth of the run on either side: enough to see where a noisy loss goes.
size_t reach_of_mean(const RunRecord& record) {
  return record.metrics.steps.size() / 100;
}

Chart loss_chart(const RunRecord& record) {
  Chart chart;
  chart.title = "Training loss";
  const Curve loss = step_curve(record, "each step", &StepFigures::loss);
  const size_t reach = std::max<size_t>(reach_of_mean(record), 2);
  if (loss.points.size() < 10 * reach) {
    chart.curves = {{loss, LineStyle::line}};
    return chart;
  }
  const Curve mean{"mean of " + std::to_string(2 * reach + 1) + " steps", moving_mean(loss.points, reach)};
  chart.curves = {{loss, LineStyle::faint}, {mean, LineStyle::line}};
  return chart;
}

Chart step_chart(const RunRecord& record, const std::string& title, const std::string& unit,
                 double StepFigures::*figure, double scale = 1.0) {
  Chart chart;
  chart.title = title;
  chart.unit = unit;
  chart.from_zero = true;
  chart.curves = {{step_curve(record, title, figure, scale), LineStyle::line}};
  return chart;
}

Chart memory_chart(const RunRecord& record) {
  double highest = 0;
  for (const StepFigures& step : record.metrics.steps) highest = std::fmax(highest, step.peak_memory_bytes);
  constexpr double gigabyte = 1e9;
  constexpr double megabyte = 1e6;
  const bool large = highest >= gigabyte;
  return step_chart(record, "Peak memory", large ? "GB, of the process so far" : "MB, of the process so far",
                    &StepFigures::peak_memory_bytes, 1 / (large ? gigabyte : megabyte));
}

std::set<std::string> evaluated_figures(const RunRecord& record) {
  std::set<std::string> names;
  for (const StepEvaluation& evaluation : record.metrics.evaluations) {
    for (const auto& [name, value] : evaluation.figures) names.insert(name);
  }
  return names;
}

std::optional<ReferenceLine> base_line(const RunRecord& record, const std::string& name) {
  if (!record.evaluation) return {};
  for (const EvaluationFigures::Row& row : record.evaluation->rows) {
    if (row.figure == name) return ReferenceLine{"base", row.base};
  }
  return {};
}

Chart evaluation_chart(const RunRecord& record, const std::string& name) {
  Chart chart;
  chart.title = "Held-out " + name;
  chart.reference = base_line(record, name);
  Curve curve{name, {}};
  for (const StepEvaluation& evaluation : record.metrics.evaluations) {
    const auto found = evaluation.figures.find(name);
    if (found != evaluation.figures.end())
      curve.points.push_back({static_cast<double>(evaluation.step), found->second});
  }
  chart.curves = {{std::move(curve), LineStyle::marked}};
  return chart;
}

// Begin, lowest, highest and end of each curve, for those who do not see the pictures.
Html curves_table(const std::vector<Chart>& charts) {
  std::vector<std::vector<Html>> rows;
  for (const Chart& chart : charts) {
    for (const ChartCurve& drawn : chart.curves) {
      std::string name = chart.title;
      if (chart.curves.size() > 1) name += ", " + drawn.curve.label;
      if (!chart.unit.empty()) name += " (" + chart.unit + ")";
      rows.push_back({name, in_words(drawn.curve, chart.x_name)});
    }
  }
  return table({"curve", "in words"}, rows);
}

// A row an evaluation; of very many every n-th, and the last.
Html evaluations_table(const RunRecord& record) {
  const std::set<std::string> names = evaluated_figures(record);
  if (names.empty()) return {};
  std::vector<std::string> columns = {"step"};
  columns.insert(columns.end(), names.begin(), names.end());
  const std::vector<StepEvaluation>& all = record.metrics.evaluations;
  const size_t stride = (all.size() + rows_shown - 1) / rows_shown;
  std::vector<std::vector<Html>> rows;
  for (size_t i = 0; i < all.size(); ++i) {
    if (i % stride != 0 && i + 1 != all.size()) continue;
    std::vector<Html> row = {with_separators(all[i].step)};
    for (const std::string& name : names) {
      const auto found = all[i].figures.find(name);
      row.push_back(found != all[i].figures.end() ? figure(found->second) : "-");
    }
    rows.push_back(std::move(row));
  }
  return element("div", {{"class", "curves"}}, table(columns, rows, "Held out, on the way"));
}

bool has_penalty(const RunRecord& record) {
  return std::ranges::any_of(record.metrics.steps,
                             [](const StepFigures& step) { return std::isfinite(step.penalty); });
}

}  // namespace

Html run_curves(const RunRecord& record) {
  if (record.metrics.steps.empty() && record.metrics.evaluations.empty()) return {};
  std::vector<Chart> charts = {loss_chart(record)};
  for (const std::string& name : evaluated_figures(record)) charts.push_back(evaluation_chart(record, name));
  if (has_penalty(record)) charts.push_back(step_chart(record, "Penalty", "", &StepFigures::penalty));
  charts.push_back(step_chart(record, "Learning rate", "", &StepFigures::learning_rate));
  charts.push_back(step_chart(record, "Gradient norm", "before clipping", &StepFigures::gradient_norm));
  charts.push_back(step_chart(record, "Speed", "tokens a second", &StepFigures::tokens_per_second));
  charts.push_back(memory_chart(record));
  Html plots;
  for (const Chart& chart : charts) plots += draw(chart);
  return element("div", {{"class", "plots"}}, plots) +
         folded("The curves in figures", curves_table(charts) + evaluations_table(record));
}

}  // namespace peft::host
