#include "engine/evaluate_run.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <utility>

#include "base/files.h"
#include "base/json.h"
#include "engine/answering.h"
#include "evaluate/evaluation.h"
#include "peft/error.h"
#include "peft/names.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

std::vector<NamedMetric> make_metrics(const Recipe& recipe, PluginSet& plugins, bool quick) {
  std::vector<NamedMetric> metrics;
  for (const ComponentChoice& choice : recipe.evaluate.metrics) {
    std::unique_ptr<Metric> metric = plugins.metric(choice.name).create(choice.options);
    if (!quick || !metric->needs().generation)
      metrics.push_back({.name = choice.name, .metric = std::move(metric)});
  }
  return metrics;
}

struct Measurement {
  const Recipe& recipe;
  Session& session;
  const RunData& data;
  PluginSet& plugins;
  Observer& observer;
  HostEncodeContext context;

  Measurement(const Recipe& of, Session& with, const RunData& on, PluginSet& from, Observer& watching)
      : recipe(of),
        session(with),
        data(on),
        plugins(from),
        observer(watching),
        context(*with.codec, *on.conversation_template, encode_settings(of, with)) {}

  std::optional<std::vector<MetricResult>> measure(bool tuned, bool quick) {
    if (data.held_out.empty()) return std::vector<MetricResult>();
    EvaluationSets sets;
    sets.active = tuned ? std::vector<ActiveSet>{session.set.get()} : session.base_sets();
    sets.reference = session.base_sets();
    EvaluationOptions options;
    options.answers = answer_options(recipe.evaluate.generation, session, data.conversation_template.get(),
                                     {session.set.get()});
    return evaluate(session.model(), *session.task, sets,
                    {.encoded = data.held_out_encoded.examples, .raw = data.held_out},
                    make_metrics(recipe, plugins, quick), context, options,
                    callbacks(observer, tuned ? "tuned: " : "base: "));
  }

  std::optional<std::vector<AnswerPair>> samples() {
    if (recipe.evaluate.prompts.empty()) return std::vector<AnswerPair>();
    return compare_answers(
        session.model(), *session.task, {session.set.get()}, context, recipe.evaluate.prompts,
        data.conversations ? PromptForm::conversation : PromptForm::raw,
        answer_options(recipe.evaluate.generation, session,
                       data.conversations ? data.conversation_template.get() : nullptr, {session.set.get()}),
        callbacks(observer, "samples: "));
  }
};

EvaluationTable make_table(const Session& session, const std::vector<MetricResult>& base,
                           const std::vector<MetricResult>& tuned) {
  EvaluationTable table;
  table.trainable_parameters = session.set->trained_elements();
  table.total_parameters = total_parameters(session);
  for (size_t m = 0; m < base.size(); ++m) {
    for (size_t f = 0; f < base[m].figures.size(); ++f) {
      const Figure& figure = base[m].figures[f];
      table.rows.push_back({.figure = figure.name,
                            .base = figure.value,
                            .tuned = tuned[m].figures[f].value,
                            .lower_is_better = figure.lower_is_better,
                            .of_answers = base[m].of_answers});
    }
    if (!base[m].signature.empty()) table.signatures.push_back(base[m].metric + ": " + base[m].signature);
  }
  return table;
}

// Texts that are only continued leave metrics of answers without a figure.
void warn_of_missing_answers(Task& task, const RunData& data, const std::vector<MetricResult>& results,
                             Observer& observer) {
  std::vector<std::string> of_answers;
  for (const MetricResult& result : results) {
    if (result.of_answers) of_answers.push_back(result.metric);
  }
  const auto asks = [&](const Example& example) { return task.prompt(example).has_value(); };
  if (of_answers.empty() || std::ranges::any_of(data.held_out, asks)) return;
  observer.warning("evaluate.metrics: no figures of " + join(of_answers) + ": none of the " +
                   std::to_string(data.held_out.size()) +
                   " held-out examples has a prompt with an answer; take perplexity for texts that are only "
                   "continued");
}

void write_results(const Recipe& recipe, const EvaluationTable& table) {
  const fs::path folder = recipe.output;
  std::string samples;
  for (const EvaluationTable::Sample& sample : table.samples) {
    samples += dump_json(to_value(sample)) + "\n";
  }
  write_file_atomically(folder / "samples.jsonl", samples);
  write_file_atomically(folder / "evaluation.json", dump_json(to_value(table), 2) + "\n");
}

}  // namespace

std::optional<EvaluationTable> evaluate_run(const Recipe& recipe, Session& session, const RunData& data,
                                            PluginSet& plugins, Observer& observer) {
  Measurement measurement(recipe, session, data, plugins, observer);
  const auto base = measurement.measure(/*tuned=*/false, /*quick=*/false);
  if (!base) return {};
  warn_of_missing_answers(*session.task, data, *base, observer);
  const auto tuned = measurement.measure(/*tuned=*/true, /*quick=*/false);
  if (!tuned) return {};
  const auto samples = measurement.samples();
  if (!samples) return {};
  EvaluationTable table = make_table(session, *base, *tuned);
  table.examples = static_cast<int64_t>(data.held_out.size());
  for (const AnswerPair& pair : *samples) {
    table.samples.push_back({.prompt = pair.prompt, .base = pair.base, .tuned = pair.tuned});
  }
  write_results(recipe, table);
  return table;
}

std::optional<std::map<std::string, double>> quick_figures(const Recipe& recipe, Session& session,
                                                           const RunData& data, PluginSet& plugins,
                                                           Observer& observer) {
  Measurement measurement(recipe, session, data, plugins, observer);
  const auto results = measurement.measure(/*tuned=*/true, /*quick=*/true);
  if (!results) return {};
  std::map<std::string, double> figures;
  for (const MetricResult& result : *results) {
    for (const Figure& figure : result.figures) figures[figure.name] = figure.value;
  }
  return figures;
}

}  // namespace peft::host
