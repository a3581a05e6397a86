#include "engine/check_evaluation.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/adapters.h"
#include "engine/failure.h"
#include "evaluate/generate.h"
#include "peft/error.h"
#include "peft/labelling.h"
#include "peft/names.h"

namespace peft::host {
namespace {

// What the metric needs; nothing, and a diagnostic, where it cannot be made.
std::optional<MetricNeeds> needs_of(const Recipe& recipe, const ComponentChoice& choice, PluginSet& plugins,
                                    Diagnostics& diagnostics) {
  try {
    return plugins.metric(choice.name).create(choice.options)->needs();
  } catch (const UsageError& error) {
    diagnostics.error(place_of(recipe, choice.path, error.what()), error.what());
  } catch (...) {
    diagnostics.failure(recipe.where(choice.path), failure_text());
  }
  return {};
}

void check_answers_fit(const Recipe& recipe, const Session& session, Diagnostics& diagnostics) {
  const ModelInfo& info = session.model().info();
  const int64_t in_front = virtual_tokens({session.set.get()});
  const int64_t wanted = recipe.evaluate.generation.max_new_tokens;
  // A prompt has one token at least.
  const int64_t room = info.max_positions - in_front - 1;
  if (info.max_positions == 0 || room < 1 || wanted <= room) return;
  diagnostics.warning(
      recipe.where("evaluate.generation.max_new_tokens"),
      "'max_new_tokens' is " + std::to_string(wanted) + ", but the model has " +
          std::to_string(info.max_positions) + " positions" +
          (in_front > 0 ? ", " + std::to_string(in_front) + " of them for virtual tokens" : "") +
          ": answers will end where the positions do; set it to at most " + std::to_string(room) +
          ", and leave room for the prompt");
}

// A task gives labels or makes text; what is measured must be what it gives.
void check_against_task(const Recipe& recipe, Task& task, const ComponentChoice& choice,
                        const MetricNeeds& needs, Diagnostics& diagnostics) {
  const bool gives_labels = query<Labelling>(task) != nullptr;
  if (needs.generation && gives_labels) {
    diagnostics.error(recipe.where(choice.path),
                      "the metric '" + choice.name + "' measures generated answers, and the task '" +
                          recipe.task.name + "' labels texts: it makes none; take a metric of labels");
  }
  if (needs.label && !gives_labels) {
    diagnostics.error(recipe.where(choice.path),
                      "the metric '" + choice.name + "' measures labels, which the task '" +
                          recipe.task.name + "' does not give; take another metric or task");
  }
}

void check_prompts(const Recipe& recipe, Task& task, Diagnostics& diagnostics) {
  if (recipe.evaluate.prompts.empty() || query<Labelling>(task) == nullptr) return;
  diagnostics.error(recipe.where("evaluate.prompts"), "found prompts to be answered, and the task '" +
                                                          recipe.task.name +
                                                          "' labels texts: it answers none; leave them out");
}

}  // namespace

void check_evaluation(const Recipe& recipe, PluginSet& plugins, const Session& session,
                      Diagnostics& diagnostics) {
  bool all_made = true;
  bool on_the_way = false;
  std::vector<std::string> of_answers;
  for (const ComponentChoice& choice : recipe.evaluate.metrics) {
    const std::optional<MetricNeeds> needs = needs_of(recipe, choice, plugins, diagnostics);
    all_made = all_made && needs.has_value();
    if (!needs) continue;
    if (session.task != nullptr) check_against_task(recipe, *session.task, choice, *needs, diagnostics);
    on_the_way = on_the_way || !needs->generation;
    if (needs->generation) of_answers.push_back(choice.name);
  }
  if (session.task != nullptr) check_prompts(recipe, *session.task, diagnostics);
  if (!all_made) return;
  const bool has_base = session.base.model != nullptr;
  if (has_base && (!of_answers.empty() || !recipe.evaluate.prompts.empty()))
    check_answers_fit(recipe, session, diagnostics);
  if (recipe.evaluate.every > 0 && !on_the_way) {
    diagnostics.warning(
        recipe.where("evaluate.every"),
        "'every' is " + std::to_string(recipe.evaluate.every) + ", but " +
            (of_answers.empty() ? "there is no metric to measure"
                                : join(of_answers) + " takes generated answers, which are made at the end of "
                                                     "a run only") +
            ": no figures will be given on the way; add a metric such as perplexity, or set it to 0");
  }
}

}  // namespace peft::host
