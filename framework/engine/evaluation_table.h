// Base against tuned: what an evaluation ends in.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "peft/value.h"

namespace peft::host {

struct EvaluationTable {
  struct Row {
    std::string figure;  // "perplexity"
    double base = 0.0;   // NaN: no meaning
    double tuned = 0.0;
    bool lower_is_better = false;
    bool of_answers = false;  // measured on generated answers, which takes long: at the end of a run only
  };
  std::vector<Row> rows;
  int64_t examples = 0;
  int64_t trainable_parameters = 0;
  int64_t total_parameters = 0;
  std::vector<std::string> signatures;  // "bleu: nrefs:1|case:mixed|…"
  struct Sample {
    std::string prompt;
    std::string base;
    std::string tuned;
  };
  std::vector<Sample> samples;
};

// evaluation.json: `base` and `tuned` by figure, parameters, `goals` (`minimize` or `maximize`, by figure),
// examples, signatures. The samples stand in a file of their own.
Value to_value(const EvaluationTable& table);
// A line of samples.jsonl: `prompt`, `base`, `tuned`.
Value to_value(const EvaluationTable::Sample& sample);

// The tuned model's figures as a line of metrics.jsonl has them on the way: those that need no answers.
std::map<std::string, double> figures_on_the_way(const EvaluationTable& table);

}  // namespace peft::host
