// metrics.jsonl, read back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

// An optimiser step. A figure that is null in the file (a loss that diverged) or missing is NaN.
struct StepFigures {
  int64_t step = 0;
  double epoch = 0.0;
  double loss = 0.0;
  double learning_rate = 0.0;
  double tokens = 0.0;
  double tokens_per_second = 0.0;
  double seconds = 0.0;
  double peak_memory_bytes = 0.0;
  double gradient_norm = 0.0;
  double penalty = 0.0;
};

// An evaluation on the way.
struct StepEvaluation {
  int64_t step = 0;
  std::map<std::string, double> figures;
};

struct MetricsLines {
  std::vector<StepFigures> steps;           // by step
  std::vector<StepEvaluation> evaluations;  // by step
};

// Lines that cannot be read are left out and told in `problems`, `FILE:LINE:COL: error: …`, the first
// `problems_told` of them one by one.
MetricsLines parse_metrics(std::string_view text, const std::string& file,
                           std::vector<std::string>& problems);

inline constexpr size_t problems_told = 5;

}  // namespace peft::host
