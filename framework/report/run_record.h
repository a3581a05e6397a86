// What a run's folder says, finished or not: as much of it as can be read.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "peft/value.h"
#include "report/metrics_lines.h"

namespace peft::host {

// Of the newest checkpoint.
struct CheckpointFacts {
  std::string file;  // "step-000200.h5"
  int64_t step = 0;
  std::map<std::string, int64_t> elements;  // trained, by method
  Value metadata;                           // plugins, libtorch, cpu_capability, base, data, examples, saved
};

// evaluation.json.
struct EvaluationFigures {
  struct Row {
    std::string figure;
    double base = 0.0;  // NaN: no number
    double tuned = 0.0;
    std::optional<bool> lower_is_better;  // nothing: not recorded
  };
  std::vector<Row> rows;
  std::optional<int64_t> trainable_parameters;
  std::optional<int64_t> total_parameters;
  std::optional<int64_t> examples;
  std::vector<std::string> signatures;
};

struct SampleTexts {
  std::string prompt;
  std::string base;
  std::string tuned;
};

struct RunRecord {
  std::filesystem::path folder;
  std::string recipe_text;  // recipe.yaml as it stands
  Value recipe;             // a map; empty where the text is not YAML
  MetricsLines metrics;
  std::optional<EvaluationFigures> evaluation;
  std::vector<SampleTexts> samples;
  std::optional<CheckpointFacts> checkpoint;
  // What is damaged, each as `FILE[:LINE[:COL]]: error: …`. What it says is left out of the rest.
  std::vector<std::string> problems;
};

// Throws `peft::UsageError` where `folder` is not a run's. A run's folder has a recipe.yaml; files that are
// not there yet are no problems.
RunRecord read_run_record(const std::filesystem::path& folder);

}  // namespace peft::host
