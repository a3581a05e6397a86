#include "evaluate/evaluation.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <utility>

#include "peft/answer_endings.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// What is known of each example; `has_prompt` where an answer was generated.
struct Observed {
  Measured measured;
  bool has_prompt = false;
  bool stopped = false;  // whether the answer ended with end-of-text
};

// Gives a metric what was measured, in file order.
void feed(Metric& metric, const std::vector<Observed>& observed) {
  const bool needs_prompt = metric.needs().generation;
  auto* endings = needs_prompt ? query<AnswerEndings>(metric) : nullptr;
  for (const Observed& one : observed) {
    if (!one.has_prompt && needs_prompt) continue;
    metric.add(one.measured);
    if (endings != nullptr) endings->add_ending(one.stopped);
  }
}

MetricNeeds needs_of(const std::vector<NamedMetric>& metrics) {
  MetricNeeds needs;
  for (const NamedMetric& named : metrics) {
    const MetricNeeds more = named.metric->needs();
    needs.likelihood |= more.likelihood;
    needs.generation |= more.generation;
    needs.label |= more.label;
  }
  return needs;
}

class Evaluation {
 public:
  Evaluation(Model& model, const Task& task, const EvaluationSets& sets, const EvaluationExamples& examples,
             const EvaluationOptions& options, const EvaluationCallbacks& callbacks)
      : model_(model),
        task_(task),
        sets_(sets),
        examples_(examples),
        options_(options),
        callbacks_(callbacks),
        observed_(examples.encoded.size()) {}

  // False where interrupted.
  bool score() {
    const at::NoGradGuard no_grad;
    for (size_t begin = 0; begin < observed_.size();) {
      if (callbacks_.interrupted && callbacks_.interrupted()) return false;
      begin = score_batch(begin);
      if (callbacks_.on_progress) {
        callbacks_.on_progress("scoring", static_cast<int64_t>(begin),
                               static_cast<int64_t>(observed_.size()));
      }
    }
    return true;
  }

  bool generate(EncodeContext& context) {
    std::vector<std::vector<int64_t>> prompts;
    std::vector<size_t> prompted;
    for (size_t i = 0; i < observed_.size(); ++i) {
      std::optional<PromptAndReference> prompt = task_.prompt(examples_.raw[i]);
      if (!prompt) continue;
      prompts.push_back(prompt_tokens(prompt->prompt, task_, context, options_.answers));
      prompted.push_back(i);
      observed_[i].has_prompt = true;
      observed_[i].measured.reference = std::move(prompt->reference);
    }
    if (prompts.empty()) return true;
    auto answers = continuations(model_, sets_.active, context.codec(), prompts, PromptForm::conversation,
                                 options_.answers, callbacks_);
    if (!answers) return false;
    for (size_t i = 0; i < prompted.size(); ++i) {
      Observed& one = observed_[prompted[i]];
      one.measured.prediction = std::move((*answers)[i].text);
      one.stopped = (*answers)[i].stopped;
    }
    return true;
  }

  const std::vector<Observed>& observed() const { return observed_; }

 private:
  // Scores examples from `begin` on, as many as the budget of tokens allows; returns the next one.
  size_t score_batch(size_t begin) {
    std::vector<EncodedExample> chosen;
    int64_t tokens = 0;
    for (size_t i = begin; i < observed_.size(); ++i) {
      tokens += examples_.encoded.shape(i).tokens;
      if (!chosen.empty() && tokens > options_.tokens_per_batch) break;
      chosen.push_back(examples_.encoded[i]);
    }
    std::vector<const EncodedExample*> packed;
    for (const EncodedExample& example : chosen) packed.push_back(&example);
    const Batch batch = pack(packed, model_.sites().parameters.front().tensor.device());
    ForwardOptions policy;
    policy.sets = sets_.active;
    ForwardOptions reference;
    reference.sets = sets_.reference;
    std::vector<Measured> measured = task_.measure({model_, batch, policy, reference});
    if (measured.size() != chosen.size()) {
      throw Error("the task measured " + std::to_string(measured.size()) + " of " +
                  std::to_string(chosen.size()) + " examples; it must measure each");
    }
    std::transform(measured.begin(), measured.end(), observed_.begin() + static_cast<std::ptrdiff_t>(begin),
                   [](Measured& one) { return Observed{.measured = std::move(one)}; });
    return begin + chosen.size();
  }

  Model& model_;
  const Task& task_;
  const EvaluationSets& sets_;
  const EvaluationExamples& examples_;
  const EvaluationOptions& options_;
  const EvaluationCallbacks& callbacks_;
  std::vector<Observed> observed_;
};

}  // namespace

std::optional<std::vector<MetricResult>> evaluate(Model& model, const Task& task, const EvaluationSets& sets,
                                                  const EvaluationExamples& examples,
                                                  const std::vector<NamedMetric>& metrics,
                                                  EncodeContext& context, const EvaluationOptions& options,
                                                  const EvaluationCallbacks& callbacks) {
  if (examples.encoded.size() != examples.raw.size()) {
    throw Error("an evaluation was given " + std::to_string(examples.encoded.size()) +
                " encoded examples and " + std::to_string(examples.raw.size()) +
                " raw ones; they must be the same");
  }
  const MetricNeeds needs = needs_of(metrics);
  Evaluation evaluation(model, task, sets, examples, options, callbacks);
  if ((needs.likelihood || needs.label) && !evaluation.score()) return {};
  if (needs.generation && !evaluation.generate(context)) return {};
  std::vector<MetricResult> results;
  for (const NamedMetric& named : metrics) {
    feed(*named.metric, evaluation.observed());
    results.push_back({.metric = named.name,
                       .figures = named.metric->figures(),
                       .signature = named.metric->signature(),
                       .of_answers = named.metric->needs().generation});
  }
  return results;
}

}  // namespace peft::host
