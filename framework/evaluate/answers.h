// Answers to prompts, as text.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "evaluate/generation_options.h"
#include "peft/model.h"
#include "peft/task.h"

namespace peft::host {

struct EvaluationCallbacks {
  std::function<void(std::string_view what, int64_t done, int64_t total)> on_progress;
  std::function<bool()> interrupted;  // asked between batches, and between tokens while generating
};

struct AnswerOptions {
  GenerationOptions generation;  // its stop tokens included: see end_of_text_ids
  int64_t prompts_per_batch = 16;
  int64_t max_prompt_tokens = 0;  // 0: the context's max_length; see prompt_room
  // What the template puts between its header and an answer: no part of the answer, so it is not shown.
  std::string lead = " ";
  // An answer ends before one of these.
  std::vector<std::string> stop_texts;
};

enum class PromptForm {
  conversation,  // as the task puts a prompt: a user's turn in the run's template, a source
  raw,           // the text as it stands
};

// The tokens of a text to be answered, as the task puts it.
std::vector<int64_t> prompt_tokens(const std::string& text, PromptForm form, const Task& task,
                                   EncodeContext& context, const AnswerOptions& options);
std::vector<int64_t> prompt_tokens(const Conversation& conversation, const Task& task, EncodeContext& context,
                                   const AnswerOptions& options);

struct Continuation {
  std::string text;
  bool stopped = false;  // by the model itself, with a stop token; not by a limit
};

// The continuations of `prompts`, in their order; prompt i is sample i. Of a conversation they are shown
// without the lead. Nothing where interrupted.
std::optional<std::vector<Continuation>> continuations(Model& model, const std::vector<ActiveSet>& sets,
                                                       const TextCodec& codec,
                                                       const std::vector<std::vector<int64_t>>& prompts,
                                                       PromptForm form, const AnswerOptions& options,
                                                       const EvaluationCallbacks& callbacks);

// A prompt answered by the base and by the tuned model.
struct AnswerPair {
  std::string prompt;
  std::string base;
  std::string tuned;
};

// The recipe's `evaluate.prompts`. Both models read the same tokens. Nothing where interrupted.
std::optional<std::vector<AnswerPair>> compare_answers(Model& model, const Task& task,
                                                       const std::vector<ActiveSet>& tuned,
                                                       EncodeContext& context,
                                                       const std::vector<std::string>& prompts,
                                                       PromptForm form, const AnswerOptions& options,
                                                       const EvaluationCallbacks& callbacks);

}  // namespace peft::host
