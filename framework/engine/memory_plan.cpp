#include "engine/memory_plan.h"

#include <array>

#include "base/byte_size.h"
#include "base/figures.h"
#include "engine/microbatch_text.h"
#include "engine/train_options.h"
#include "memory/process_memory.h"
#include "peft/error.h"

namespace peft::host {
namespace {

// Of the memory there is for this process, what `memory_limit: auto` is.
constexpr double default_share = 0.75;
// More tokens are no faster and take more memory; fewer than the last compute an example at a time anyway.
constexpr std::array<int64_t, 7> ladder = {most_tokens_per_microbatch, 768, 512, 384, 256, 128, 64};

int64_t limit_of(const Recipe& recipe) {
  return recipe.train.memory_limit.value_or(
      static_cast<int64_t>(default_share * static_cast<double>(usable_memory())));
}

std::string limit_text(const Recipe& recipe, int64_t limit) {
  return byte_size(limit) +
         (recipe.train.memory_limit ? "" : " (auto: 75 % of the memory there is for this process)");
}

[[noreturn]] void refuse(const Recipe& recipe, const RunData& data, const MemoryPeak& peak, int64_t limit) {
  const bool is_training = peak.phase == "training";
  throw UsageError(
      recipe.where("train.memory_limit").text() +
      ": error: 'train.memory_limit': " + std::string(peak.phase) + " takes about " + byte_size(peak.bytes) +
      (is_training ? " even where one example is computed at a time (the longest has " +
                         with_separators(data.training.summary.longest) + " tokens)"
                   : "") +
      ", expected at most " + limit_text(recipe, limit) + "; " +
      (is_training
           ? "lower data.max_length, set train.recompute: blocks or dtype: bfloat16, or raise the limit"
           : "set dtype: bfloat16, train less, take a smaller model, or raise the limit"));
}

}  // namespace

std::string MemoryPlan::text() const {
  const std::string text = microbatch_text(tokens_per_microbatch);
  if (peak.bytes == 0) return text;
  return text + "; predicted peak " + byte_size(peak.bytes) + " of " + byte_size(limit);
}

std::optional<std::string> MemoryPlan::warning() const {
  if (peak.bytes <= limit) return std::nullopt;
  return std::string(peak.phase) + " takes about " + byte_size(peak.bytes) + ", above train.memory_limit, " +
         byte_size(limit) + "; set train.tokens_per_microbatch: auto, or raise the limit";
}

MemoryPlan plan_memory(Recipe& recipe, const Session& session, const RunData& data, PluginSet& plugins) {
  MemoryPlan plan;
  plan.limit = limit_of(recipe);
  std::optional<int64_t>& wanted = recipe.train.tokens_per_microbatch;
  if (recipe.device != "cpu") {
    // What a device's allocator keeps is not foretold here.
    if (!wanted) wanted = most_tokens_per_microbatch;
    plan.tokens_per_microbatch = *wanted;
    return plan;
  }
  // Measuring makes the gradients of all that is trained: not where the machine cannot hold them.
  const int64_t at_rest = memory_at_rest(session, data);
  const int64_t most = wanted ? usable_memory() : plan.limit;
  if (at_rest > most) refuse(recipe, data, {at_rest, "holding the model"}, most);
  const MemoryParts parts = measure_memory(recipe, session, data, plugins);
  const Trainer trainer(session.model(), *session.set, *session.task, data.training.examples,
                        train_options(recipe));
  // True where one of them stays below the limit, which is then planned with; else the last one is.
  const auto try_with = [&](const std::vector<int64_t>& choices) {
    const auto sizes = trainer.microbatch_sizes(choices);
    for (size_t i = 0; i < choices.size(); ++i) {
      plan.tokens_per_microbatch = choices[i];
      plan.peak = predict_peak(parts, sizes[i]);
      if (plan.peak.bytes <= plan.limit) return true;
    }
    return false;
  };
  if (wanted) {
    try_with({*wanted});
    return plan;
  }
  // The first one nearly always fits; what the others take is then not asked.
  if (try_with({ladder.front()}) || try_with({ladder.begin() + 1, ladder.end()})) {
    wanted = plan.tokens_per_microbatch;
    return plan;
  }
  refuse(recipe, data, plan.peak, plan.limit);
}

}  // namespace peft::host
