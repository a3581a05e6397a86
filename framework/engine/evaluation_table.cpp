#include "engine/evaluation_table.h"

#include <utility>

namespace peft::host {

Value to_value(const EvaluationTable& table) {
  Value::Map base;
  Value::Map tuned;
  Value::Map goals;
  for (const EvaluationTable::Row& row : table.rows) {
    base.emplace_back(row.figure, row.base);
    tuned.emplace_back(row.figure, row.tuned);
    goals.emplace_back(row.figure, row.lower_is_better ? "minimize" : "maximize");
  }
  return Value::Map{
      {"base", std::move(base)},
      {"tuned", std::move(tuned)},
      {"trainable_parameters", table.trainable_parameters},
      {"total_parameters", table.total_parameters},
      {"goals", std::move(goals)},
      {"examples", table.examples},
      {"signatures", Value::List(table.signatures.begin(), table.signatures.end())},
  };
}

Value to_value(const EvaluationTable::Sample& sample) {
  return Value::Map{{"prompt", sample.prompt}, {"base", sample.base}, {"tuned", sample.tuned}};
}

std::map<std::string, double> figures_on_the_way(const EvaluationTable& table) {
  std::map<std::string, double> figures;
  for (const EvaluationTable::Row& row : table.rows) {
    if (!row.of_answers) figures[row.figure] = row.tuned;
  }
  return figures;
}

}  // namespace peft::host
