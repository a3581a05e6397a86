// Measures a model, with some sets active, on examples.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/encoded_examples.h"
#include "evaluate/answers.h"
#include "peft/metric.h"
#include "peft/task.h"

namespace peft::host {

struct EvaluationExamples {
  // The same examples in the same (file) order, encoded and as the dataset made them.
  EncodedExamples encoded;
  const std::vector<Example>& raw;
};

// A metric by its name in the recipe; new for each evaluation, since it adds up what it is given.
struct NamedMetric {
  std::string name;
  std::unique_ptr<Metric> metric;
};

struct MetricResult {
  std::string metric;
  std::vector<Figure> figures;
  std::string signature;    // may be empty
  bool of_answers = false;  // measured on generated answers
};

struct EvaluationOptions {
  AnswerOptions answers;
  int64_t tokens_per_batch = 4096;  // where the likelihood is measured; an example longer than that is alone
};

// The sets that act, and those a task compares with (none: the base alone).
struct EvaluationSets {
  std::vector<ActiveSet> active;
  std::vector<ActiveSet> reference;
};

// What each metric makes of the examples, in the metrics' order. Answers are generated only where a metric
// asks for them; such a metric sees only the examples that have a prompt. Nothing where interrupted.
std::optional<std::vector<MetricResult>> evaluate(Model& model, const Task& task, const EvaluationSets& sets,
                                                  const EvaluationExamples& examples,
                                                  const std::vector<NamedMetric>& metrics,
                                                  EncodeContext& context, const EvaluationOptions& options,
                                                  const EvaluationCallbacks& callbacks = {});

}  // namespace peft::host
