#include "causal_lm.h"

#include <algorithm>
#include <utility>

#include "peft/error.h"
#include "peft/ops.h"

namespace peft::causal_lm {
namespace {

// Targets from place `first` on.
int64_t count_targets(const int64_t* labels, int64_t size, int64_t first) {
  if (first >= size) return 0;
  return (size - first) - std::count(labels + first, labels + size, no_target);
}

}  // namespace

std::optional<EncodedExample> CausalLm::encode(const Example& example, EncodeContext& context) const {
  EncodedSequence sequence;
  if (const auto* text = std::get_if<Text>(&example.content)) {
    sequence = context.render(*text);
  } else if (const auto* conversation = std::get_if<Conversation>(&example.content)) {
    sequence = context.render(*conversation);
  } else {
    throw UsageError("found " + example_kind(example) +
                     " in the data, expected text or conversations, which are what the task causal_lm takes; "
                     "choose another task or dataset");
  }
  // A first token is a target only where virtual tokens stand in front. What has no other is left out for
  // every method alike, so that all of them see the same examples.
  if (count_targets(sequence.labels.data(), static_cast<int64_t>(sequence.labels.size()), 1) == 0) return {};
  EncodedExample encoded;
  encoded.inputs.push_back(std::move(sequence));
  return encoded;
}

int64_t CausalLm::target_count(const EncodedExample& example, int64_t virtual_tokens_in_front) const {
  const std::vector<int64_t>& labels = example.inputs.front().labels;
  return count_targets(labels.data(), static_cast<int64_t>(labels.size()),
                       virtual_tokens_in_front > 0 ? 0 : 1);
}

LossSum CausalLm::loss(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor hidden = step.model.hidden(forward);
  const TargetRows targets = target_rows(forward);
  return {.sum = target_loss(forward, *step.model.language_head(), hidden, targets),
          .count = targets.count()};
}

std::vector<Measured> CausalLm::measure(const TaskStep& step) const {
  Forward forward(step.model, step.batch, step.policy);
  const at::Tensor hidden = step.model.hidden(forward);
  const at::Tensor nll = target_nll(forward, *step.model.language_head(), hidden, scored_rows(forward));
  const double* next = nll.data_ptr<double>();

  // Scored rows come sequence by sequence. Each example's sum is its own, in a fixed order: figures do not
  // depend on how examples were batched.
  const PackedSequences& input = step.batch.input;
  const at::Tensor labels = input.labels.cpu();
  std::vector<Measured> result;
  for (int64_t s = 0; s < input.sequences(); ++s) {
    const auto at = static_cast<size_t>(s);
    const int64_t begin = input.offsets[at];
    Measured measured;
    measured.tokens = count_targets(labels.data_ptr<int64_t>() + begin, input.offsets[at + 1] - begin, 1);
    for (int64_t i = 0; i < measured.tokens; ++i) measured.negative_log_likelihood += *next++;
    result.push_back(std::move(measured));
  }
  return result;
}

std::optional<PromptAndReference> CausalLm::prompt(const Example& example) const {
  const auto* conversation = std::get_if<Conversation>(&example.content);
  if (conversation == nullptr) return {};
  const std::vector<Turn>& turns = conversation->turns;
  const auto answer =
      std::find_if(turns.rbegin(), turns.rend(), [](const Turn& turn) { return turn.role == "assistant"; });
  if (answer == turns.rend() || answer + 1 == turns.rend()) return {};  // nothing to answer
  return PromptAndReference{.prompt = {.turns = {turns.begin(), answer.base() - 1}},
                            .reference = answer->content};
}

void CausalLm::check(const Model& model) const {
  if (model.info().kind != ModelKind::decoder) {
    throw UsageError("the task causal_lm needs a decoder, which " + model.info().family +
                     " is not; choose another task or model");
  }
  if (std::ranges::any_of(model.sites().linears, [](const LinearSite& site) { return site.role == "head"; }))
    return;
  throw UsageError("the task causal_lm needs a vocabulary projection, which these weights of " +
                   model.info().family +
                   " are without, as a classifier's are; take a language model's, or choose another task");
}

TaskDescriptor descriptor() {
  return {.name = "causal_lm",
          .summary = "next-token prediction on texts and conversations",
          .peft_task_type = "CAUSAL_LM",
          .options = {},
          .create = [](const Value&) { return std::make_unique<CausalLm>(); }};
}

}  // namespace peft::causal_lm
