// How a recipe's answers are generated.
#pragma once

#include "data/conversation_template.h"
#include "engine/engine.h"
#include "engine/session.h"
#include "evaluate/answers.h"
#include "evaluate/generate.h"

namespace peft::host {

// False for a task that labels and for a model without a vocabulary projection.
bool makes_text(const Session& session);
// Throws `peft::UsageError` for a run that makes none.
void require_text(const Recipe& recipe, const Session& session);

// Greedy or sampled as `generation` says, stopping at end-of-text and at what ends a reply in `form`
// (null: of raw continuations), with
// prompts cut so that an answer fits behind them and the virtual tokens of `tuned`, whether those sets act or
// not: base and tuned read the same tokens.
AnswerOptions answer_options(const RecipeGeneration& generation, const Session& session,
                             const ConversationTemplate* form, const std::vector<ActiveSet>& tuned);

// The prompts continued together, as text. `form` null: raw continuations; else without what the template
// puts before an answer. A single one is streamed where asked for.
std::vector<Answer> generate_texts(const Session& session, const ConversationTemplate* form,
                                   const std::vector<GenerationPrompt>& prompts,
                                   const std::vector<ActiveSet>& sets, const AnswerOptions& options,
                                   bool stream, Observer& observer);

EvaluationCallbacks callbacks(Observer& observer, std::string prefix);

}  // namespace peft::host
