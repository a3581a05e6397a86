#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include "base/byte_size.h"
#include "base/figures.h"
#include "base/shell.h"
#include "engine/engine.h"
#include "report/page.h"
#include "report/run_facts.h"
#include "report/run_sections.h"

namespace peft::host {
namespace {

namespace fs = std::filesystem;

// Sums of what is recorded for every step.
struct Totals {
  double seconds = 0.0;
  double tokens = 0.0;
  double peak_memory_bytes = 0.0;
  int64_t losses_without_number = 0;
};

Totals totals_of(const RunRecord& record) {
  const auto or_zero = [](double figure) { return std::isfinite(figure) ? figure : 0.0; };
  Totals totals;
  for (const StepFigures& step : record.metrics.steps) {
    totals.seconds += or_zero(step.seconds);
    totals.tokens += or_zero(step.tokens);
    totals.peak_memory_bytes = std::max(totals.peak_memory_bytes, or_zero(step.peak_memory_bytes));
    if (!std::isfinite(step.loss)) ++totals.losses_without_number;
  }
  return totals;
}

// "lora + prefix on gpt2, trained on openassistant".
std::string what_it_is(const RunRecord& record) {
  std::string methods;
  for (const NamedOptions& method : methods_of(record))
    methods += (methods.empty() ? "" : " + ") + method.called;
  const std::string family = in_one_line(recipe_value(record, "model.family"));
  const std::string dataset = in_one_line(recipe_value(record, "data.dataset"));
  if (methods.empty() || family.empty()) return "";
  return methods + " on " + family + (dataset.empty() ? "" : ", trained on " + dataset);
}

std::string steps_text(const RunRecord& record) {
  const auto planned = steps_planned(record);
  const int64_t step = last_step(record);
  std::string text = with_separators(step);
  if (planned && *planned != step) text += " of " + with_separators(*planned);
  if (record.metrics.steps.empty() || !std::isfinite(record.metrics.steps.back().epoch)) return text;
  std::array<char, 32> epoch{};
  std::snprintf(epoch.data(), epoch.size(), " (epoch %.3g)", record.metrics.steps.back().epoch);
  return text + epoch.data();
}

std::string parameters_text(const RunRecord& record) {
  if (record.evaluation && record.evaluation->trainable_parameters && record.evaluation->total_parameters) {
    const int64_t trained = *record.evaluation->trainable_parameters;
    const int64_t total = *record.evaluation->total_parameters;
    return with_separators(trained) + " of " + with_separators(total) + " (" + share_of(trained, total) + ")";
  }
  if (!record.checkpoint) return "";
  int64_t trained = 0;
  for (const auto& [method, elements] : record.checkpoint->elements) trained += elements;
  return with_separators(trained);
}

std::string recorded(const RunRecord& record, const char* key) {
  const Value* value = record.checkpoint ? record.checkpoint->metadata.find(key) : nullptr;
  return value != nullptr ? in_one_line(*value) : "";
}

// When it was made, it says itself: a file's own time is that of its last copy.
std::string checkpoint_text(const RunRecord& record) {
  if (!record.checkpoint) return "";
  const std::string saved = recorded(record, "saved");
  return "after step " + with_separators(record.checkpoint->step) + (saved.empty() ? "" : ", " + saved);
}

std::string examples_text(const RunRecord& record) {
  std::string text;
  const Value* trained = record.checkpoint ? record.checkpoint->metadata.find("examples") : nullptr;
  if (trained != nullptr && trained->is_integer())
    text = with_separators(trained->as_integer()) + " trained on";
  if (record.evaluation && record.evaluation->examples) {
    text +=
        (text.empty() ? "" : ", ") + with_separators(*record.evaluation->examples) + " held out and scored";
  }
  return text;
}

std::string machine_text(const RunRecord& record) {
  std::string text = in_one_line(recipe_value(record, "device"));
  const std::string threads = in_one_line(recipe_value(record, "threads"));
  const std::string kernels = recorded(record, "cpu_capability");
  const std::string libtorch = recorded(record, "libtorch");
  if (!threads.empty()) text += ", " + threads + (threads == "1" ? " thread" : " threads");
  if (!kernels.empty()) text += ", " + kernels;
  if (!libtorch.empty()) text += ", LibTorch " + libtorch;
  return text;
}

std::string model_text(const RunRecord& record) {
  const std::string weights = in_one_line(recipe_value(record, "model.weights"));
  const std::string family = in_one_line(recipe_value(record, "model.family"));
  return family + (weights.empty() ? "" : ", weights " + weights);
}

Html glance(const RunRecord& record) {
  const Totals totals = totals_of(record);
  std::vector<Fact> told;
  const auto tell = [&](const char* name, const std::string& value) {
    if (!value.empty()) told.push_back({name, value});
  };
  tell("Trained parameters", parameters_text(record));
  tell("Steps", steps_text(record));
  if (totals.seconds > 0) {
    tell("Time in training", duration(totals.seconds));
    tell("Tokens", with_separators(std::llround(totals.tokens)) + " (" +
                       with_separators(std::llround(totals.tokens / totals.seconds)) + " a second)");
  }
  if (totals.peak_memory_bytes > 0) tell("Peak memory", byte_size(std::llround(totals.peak_memory_bytes)));
  tell("Examples", examples_text(record));
  tell("Seed", in_one_line(recipe_value(record, "seed")));
  tell("Type of the base", in_one_line(recipe_value(record, "dtype")));
  tell("Last checkpoint", checkpoint_text(record));
  tell("Model", model_text(record));
  tell("Data", in_one_line(recipe_value(record, "data.source")));
  tell("Computed on", machine_text(record));
  tell("Run", fs::absolute(record.folder).lexically_normal().string());
  return facts(told);
}

Html state(const RunRecord& record) {
  const std::string folder = shell_quoted(fs::absolute(record.folder).lexically_normal().string());
  if (last_step(record) == 0)
    return notice("No step of this run is recorded: it has not come so far yet, or was stopped before.");
  if (stopped_early(record)) {
    const auto planned = steps_planned(record);
    return notice(element("b", "This run is not finished.") + " Its last recorded step is " +
                  with_separators(last_step(record)) +
                  (planned ? " of " + with_separators(*planned) : std::string()) +
                  ". Where it is not still running, it goes on with " +
                  element("code", "peft-host run " + folder + "/" + recipe_file_name + " --resume") + ".");
  }
  if (record.evaluation) return {};
  return notice("The training is finished, but base and tuned were not compared; " +
                element("code", "peft-host eval " + folder) + " does it.");
}

Html damages(const RunRecord& record) {
  if (record.problems.empty()) return {};
  Html list;
  for (const std::string& problem : record.problems) list += element("pre", problem);
  return notice(element("b", "Not all of this run could be read.") +
                " What is missing here was damaged:" + list);
}

Html divergence(const RunRecord& record) {
  const int64_t count = totals_of(record).losses_without_number;
  if (count == 0) return {};
  return notice("The loss was no number at " + with_separators(count) +
                " steps: the training diverged. A smaller learning rate or a longer warm-up may help.");
}

}  // namespace

Html run_head(const RunRecord& record) {
  return element("p", what_it_is(record)) + state(record) + damages(record) + divergence(record) +
         glance(record);
}

}  // namespace peft::host
