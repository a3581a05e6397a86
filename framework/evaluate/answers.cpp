#include "evaluate/answers.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "data/start_of_text.h"
#include "evaluate/generate.h"
#include "evaluate/stop_texts.h"

namespace peft::host {
namespace {

int64_t prompt_limit(const EncodeContext& context, const AnswerOptions& options) {
  return options.max_prompt_tokens > 0 ? options.max_prompt_tokens : context.max_length();
}

std::string without_lead(const std::string& text, const std::string& lead) {
  return text.starts_with(lead) ? text.substr(lead.size()) : text;
}

}  // namespace

std::vector<int64_t> prompt_tokens(const Conversation& conversation, const Task& task, EncodeContext& context,
                                   const AnswerOptions& options) {
  return task.encode_prompt(conversation, context, prompt_limit(context, options));
}

std::vector<int64_t> prompt_tokens(const std::string& text, PromptForm form, const Task& task,
                                   EncodeContext& context, const AnswerOptions& options) {
  if (form == PromptForm::conversation) {
    return prompt_tokens(Conversation{.turns = {{.role = "user", .content = text}}}, task, context, options);
  }
  // A continuation hangs on the end of the text, so a text that is too long loses its beginning.
  const std::vector<int64_t> own = context.codec().encode(text);
  std::vector<int64_t> ids = start_of_text(context.codec());
  const int64_t room =
      std::max<int64_t>(prompt_limit(context, options) - static_cast<int64_t>(ids.size()), 0);
  const auto kept = std::min<std::ptrdiff_t>(room, std::ssize(own));
  ids.insert(ids.end(), own.end() - kept, own.end());
  return ids;
}

std::optional<std::vector<Continuation>> continuations(Model& model, const std::vector<ActiveSet>& sets,
                                                       const TextCodec& codec,
                                                       const std::vector<std::vector<int64_t>>& prompts,
                                                       PromptForm form, const AnswerOptions& options,
                                                       const EvaluationCallbacks& callbacks) {
  // Prompts of like length together: their answers start at the same time and share steps for longest.
  std::vector<size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return prompts[a].size() > prompts[b].size(); });
  const StopTexts stop(codec, options.stop_texts);
  GenerationCallbacks calls;
  calls.interrupted = callbacks.interrupted;
  calls.ends = stop.ends();
  Generator generator(model, sets);
  std::vector<Continuation> answers(prompts.size());
  const auto at_once = static_cast<size_t>(std::max<int64_t>(1, options.prompts_per_batch));
  for (size_t begin = 0; begin < order.size(); begin += at_once) {
    const size_t end = std::min(order.size(), begin + at_once);
    std::vector<GenerationPrompt> batch;
    for (size_t i = begin; i < end; ++i) batch.push_back({.ids = prompts[order[i]], .sample = order[i]});
    const std::vector<Generated> generated = generator.generate(batch, options.generation, calls);
    for (size_t i = begin; i < end; ++i) {
      if (generated[i - begin].reason == StopReason::interrupted) return {};
      std::string text = stop.cut(codec.decode(generated[i - begin].ids));
      if (form == PromptForm::conversation) text = without_lead(text, options.lead);
      answers[order[i]] = {.text = std::move(text), .stopped = is_ended(generated[i - begin].reason)};
    }
    if (callbacks.on_progress) {
      callbacks.on_progress("generating", static_cast<int64_t>(end), static_cast<int64_t>(order.size()));
    }
  }
  return answers;
}

std::optional<std::vector<AnswerPair>> compare_answers(Model& model, const Task& task,
                                                       const std::vector<ActiveSet>& tuned,
                                                       EncodeContext& context,
                                                       const std::vector<std::string>& prompts,
                                                       PromptForm form, const AnswerOptions& options,
                                                       const EvaluationCallbacks& callbacks) {
  std::vector<std::vector<int64_t>> ids;
  ids.reserve(prompts.size());
  for (const std::string& prompt : prompts)
    ids.push_back(prompt_tokens(prompt, form, task, context, options));
  auto of_base = continuations(model, {}, context.codec(), ids, form, options, callbacks);
  if (!of_base) return {};
  auto of_tuned = continuations(model, tuned, context.codec(), ids, form, options, callbacks);
  if (!of_tuned) return {};
  std::vector<AnswerPair> pairs;
  for (size_t i = 0; i < prompts.size(); ++i) {
    pairs.push_back({prompts[i], std::move((*of_base)[i].text), std::move((*of_tuned)[i].text)});
  }
  return pairs;
}

}  // namespace peft::host
