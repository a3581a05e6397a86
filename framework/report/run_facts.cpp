#include "report/run_facts.h"

#include <algorithm>

#include "base/json.h"

namespace peft::host {
namespace {

std::optional<int64_t> integer(const Value& value) {
  return value.is_integer() ? std::optional<int64_t>(value.as_integer()) : std::nullopt;
}

}  // namespace

Value recipe_value(const RunRecord& record, std::string_view path) {
  const Value* value = &record.recipe;
  while (value != nullptr && !path.empty()) {
    const size_t dot = std::min(path.find('.'), path.size());
    value = value->find(path.substr(0, dot));
    path.remove_prefix(std::min(dot + 1, path.size()));
  }
  return value != nullptr ? *value : Value();
}

std::string in_one_line(const Value& value) {
  if (value.is_null()) return "";
  if (value.is_text()) return value.as_text();
  if (!value.is_list()) return dump_json(value);
  std::string line;
  for (const Value& item : value.as_list()) line += (line.empty() ? "" : ", ") + in_one_line(item);
  return line;
}

NamedOptions named_options(const Value& value) {
  if (!value.is_map() || value.as_map().empty())
    return {in_one_line(value), in_one_line(value), Value::Map{}};
  const auto& [name, options] = value.as_map().front();
  const Value* called = options.find("name");
  return {name, called != nullptr && called->is_text() ? called->as_text() : name,
          options.is_map() ? options : Value(Value::Map{})};
}

std::vector<NamedOptions> methods_of(const RunRecord& record) {
  std::vector<NamedOptions> methods;
  const Value list = recipe_value(record, "methods");
  if (!list.is_list()) return methods;
  for (const Value& method : list.as_list()) methods.push_back(named_options(method));
  return methods;
}

int64_t last_step(const RunRecord& record) {
  return record.metrics.steps.empty() ? 0 : record.metrics.steps.back().step;
}

std::optional<int64_t> steps_planned(const RunRecord& record) {
  if (const auto steps = integer(recipe_value(record, "train.steps"))) return steps;
  if (!record.checkpoint) return {};
  const Value* recorded = record.checkpoint->metadata.find("examples");
  const auto examples = recorded != nullptr ? integer(*recorded) : std::nullopt;
  const auto epochs = integer(recipe_value(record, "train.epochs"));
  const auto batch_size = integer(recipe_value(record, "train.batch_size"));
  const auto accumulate = integer(recipe_value(record, "train.accumulate"));
  if (!examples || !epochs || !batch_size || !accumulate || *batch_size * *accumulate <= 0) return {};
  const int64_t examples_a_step = *batch_size * *accumulate;
  return *epochs * ((*examples + examples_a_step - 1) / examples_a_step);
}

bool stopped_early(const RunRecord& record) {
  const auto planned = steps_planned(record);
  return planned ? last_step(record) < *planned : !record.evaluation;
}

}  // namespace peft::host
