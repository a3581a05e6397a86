#include "report/metrics_lines.h"

#include <limits>

#include "base/figures.h"
#include "base/json.h"
#include "peft/error.h"
#include "peft/value.h"

namespace peft::host {
namespace {

double number_of(const Value& line, const char* key) {
  const Value* found = line.find(key);
  return found != nullptr && !found->is_null() ? found->as_number()
                                               : std::numeric_limits<double>::quiet_NaN();
}

StepFigures step_figures(const Value& line) {
  return {.step = line.at("step").as_integer(),
          .epoch = number_of(line, "epoch"),
          .loss = number_of(line, "loss"),
          .learning_rate = number_of(line, "learning_rate"),
          .tokens = number_of(line, "tokens"),
          .tokens_per_second = number_of(line, "tokens_per_second"),
          .seconds = number_of(line, "seconds"),
          .peak_memory_bytes = number_of(line, "peak_memory_bytes"),
          .gradient_norm = number_of(line, "grad_norm"),
          .penalty = number_of(line, "penalty")};
}

StepEvaluation step_evaluation(const Value& line) {
  StepEvaluation evaluation;
  evaluation.step = line.at("step").as_integer();
  for (const auto& [name, figure] : line.at("eval").as_map()) {
    if (!figure.is_null()) evaluation.figures[name] = figure.as_number();
  }
  return evaluation;
}

void add(const Value& line, MetricsLines& lines) {
  const auto must_follow = [](const auto& earlier, int64_t step) {
    if (!earlier.empty() && step <= earlier.back().step)
      throw Error("found step " + std::to_string(step) + " after step " +
                  std::to_string(earlier.back().step) + ", expected a later one");
  };
  if (line.find("eval") != nullptr) {
    StepEvaluation evaluation = step_evaluation(line);
    must_follow(lines.evaluations, evaluation.step);
    lines.evaluations.push_back(std::move(evaluation));
  } else {
    const StepFigures step = step_figures(line);
    must_follow(lines.steps, step.step);
    lines.steps.push_back(step);
  }
}

}  // namespace

MetricsLines parse_metrics(std::string_view text, const std::string& file,
                           std::vector<std::string>& problems) {
  MetricsLines lines;
  size_t damaged = 0;
  const auto tell = [&](const std::string& problem) {
    if (++damaged <= problems_told) problems.push_back(problem);
  };
  for (size_t number = 1; !text.empty(); ++number) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    Value value;
    try {
      value = parse_json(line, {.name = file, .line = number});
    } catch (const Error& error) {
      tell(error.what());  // which names the place
      continue;
    }
    try {
      add(value, lines);
    } catch (const Error& error) {
      tell(file + ":" + std::to_string(number) + ": error: " + error.what());
    }
  }
  if (damaged > problems_told) {
    problems.push_back(file + ": error: " + with_separators(static_cast<int64_t>(damaged - problems_told)) +
                       " more lines cannot be read");
  }
  return lines;
}

}  // namespace peft::host
