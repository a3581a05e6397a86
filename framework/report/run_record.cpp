#include "report/run_record.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "checkpoint/folder.h"
#include "checkpoint/layout.h"
#include "checkpoint/load.h"
#include "engine/engine.h"
#include "peft/error.h"
#include "recipe/diagnostics.h"
#include "recipe/yaml_reader.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

using Problems = std::vector<std::string>;

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

void require_run_folder(const fs::path& folder) {
  if (!is_file(folder / recipe_file_name)) {
    std::error_code ignored;
    const std::string found = fs::is_directory(folder, ignored) ? "a folder without one"
                              : fs::exists(folder, ignored)     ? "a file"
                                                                : "nothing";
    throw UsageError(folder.string() + ": error: found " + found + ", expected a run's folder, with its " +
                     recipe_file_name + "; 'peft-host run' makes one");
  }
}

// Reads what one file says; what is wrong with it becomes a problem, and the report goes on without it.
template <class Read>
void attempt(const fs::path& file, Problems& problems, const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    const std::string message = error.what();
    const bool says_where = message.starts_with(file.string() + ":");
    problems.push_back(says_where ? message : file.string() + ": error: " + message);
  }
}

Value parse_recipe(const std::string& text, const fs::path& file, Problems& problems) {
  Diagnostics diagnostics;
  const std::optional<Node> node = read_yaml(text, {.name = file.string()}, diagnostics);
  for (const Diagnostic& diagnostic : diagnostics.sorted()) problems.push_back(diagnostic.text());
  if (node && node->is_map() && !node->has_invalid()) return node->value();
  return Value::Map{};
}

double figure_or_nan(const Value* value) {
  return value != nullptr && !value->is_null() ? value->as_number()
                                               : std::numeric_limits<double>::quiet_NaN();
}

std::optional<int64_t> integer_in(const Value& value, const char* key) {
  const Value* found = value.find(key);
  return found != nullptr && !found->is_null() ? std::optional<int64_t>(found->as_integer()) : std::nullopt;
}

std::optional<bool> lower_is_better(const Value& evaluation, const std::string& figure) {
  const Value* goals = evaluation.find("goals");
  const Value* goal = goals != nullptr ? goals->find(figure) : nullptr;
  if (goal == nullptr) return {};
  return goal->as_text() == "minimize";
}

EvaluationFigures evaluation_figures(const Value& value) {
  EvaluationFigures evaluation;
  for (const auto& [figure, base] : value.at("base").as_map()) {
    evaluation.rows.push_back({.figure = figure,
                               .base = figure_or_nan(&base),
                               .tuned = figure_or_nan(value.at("tuned").find(figure)),
                               .lower_is_better = lower_is_better(value, figure)});
  }
  evaluation.trainable_parameters = integer_in(value, "trainable_parameters");
  evaluation.total_parameters = integer_in(value, "total_parameters");
  evaluation.examples = integer_in(value, "examples");
  if (const Value* signatures = value.find("signatures")) {
    for (const Value& signature : signatures->as_list()) evaluation.signatures.push_back(signature.as_text());
  }
  return evaluation;
}

std::vector<SampleTexts> parse_samples(const std::string& text, const fs::path& file) {
  std::vector<SampleTexts> samples;
  size_t begin = 0;
  for (size_t line = 1; begin < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    const Value sample =
        parse_json(std::string_view(text).substr(begin, end - begin), {.name = file.string(), .line = line});
    samples.push_back(
        {sample.at("prompt").as_text(), sample.at("base").as_text(), sample.at("tuned").as_text()});
    begin = end + 1;
  }
  return samples;
}

// sets/<set>/<method>/<tensor>
std::string method_of(const std::string& path) {
  if (!path.starts_with(std::string(layout::sets_group) + "/")) return {};
  const size_t set = path.find('/') + 1;
  const size_t method = path.find('/', set) + 1;
  return path.substr(method, path.find('/', method) - method);
}

CheckpointFacts checkpoint_facts(const fs::path& folder) {
  CheckpointFacts facts;
  facts.file = read_latest_file(folder).name;
  CheckpointDescription description = read_description(folder / facts.file);
  facts.step = description.manifest.step;
  for (const TensorEntry& tensor : description.manifest.tensors) {
    const std::string method = method_of(tensor.path);
    int64_t elements = 1;
    for (const int64_t extent : tensor.shape) elements *= extent;
    if (!method.empty()) facts.elements[method] += elements;
  }
  facts.metadata = std::move(description.metadata);
  return facts;
}

}  // namespace

RunRecord read_run_record(const fs::path& folder) {
  require_run_folder(folder);
  RunRecord record;
  record.folder = folder;
  const fs::path recipe = folder / recipe_file_name;
  const fs::path metrics = folder / "metrics.jsonl";
  const fs::path evaluation = folder / "evaluation.json";
  const fs::path samples = folder / "samples.jsonl";
  const fs::path checkpoints = folder / "checkpoints";
  Problems& problems = record.problems;

  record.recipe_text = read_file(recipe);
  record.recipe = parse_recipe(record.recipe_text, recipe, problems);
  if (is_file(metrics)) record.metrics = parse_metrics(read_file(metrics), metrics.string(), problems);
  if (is_file(evaluation))
    attempt(evaluation, problems,
            [&] { record.evaluation = evaluation_figures(read_json_file(evaluation.string())); });
  if (is_file(samples))
    attempt(samples, problems, [&] { record.samples = parse_samples(read_file(samples), samples); });
  if (holds_checkpoints(checkpoints))
    attempt(checkpoints, problems, [&] { record.checkpoint = checkpoint_facts(checkpoints); });
  return record;
}

}  // namespace peft::host
