// How a recipe's answers are generated.
#pragma once

#include "engine/engine.h"
#include "engine/session.h"
#include "evaluate/answers.h"

namespace peft::host {

// Greedy or sampled as `generation` says, stopping at end-of-text, with prompts cut so that an answer fits
// behind them and the virtual tokens of the trained set, whether that set acts or not: base and tuned read
// the same tokens.
AnswerOptions answer_options(const RecipeGeneration& generation, const Session& session);

EvaluationCallbacks callbacks(Observer& observer, std::string prefix);

}  // namespace peft::host
