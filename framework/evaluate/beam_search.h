// Beam search, with the meaning of Hugging Face's generate (early_stopping false): of the continuations of
// all beams the best go on, those that end compete by their log-likelihood divided by length^length_penalty,
// and a prompt is done when no beam that goes on could, at its length, be better than the worst of the kept.
#pragma once

#include <vector>

#include "evaluate/generate.h"

namespace peft::host {

// One continuation a prompt, the best one found. Callbacks hear of no token: none is certain before the end.
std::vector<Generated> beam_search(Model& model, const std::vector<ActiveSet>& sets,
                                   const std::vector<GenerationPrompt>& prompts,
                                   const GenerationOptions& options, const GenerationCallbacks& callbacks);

}  // namespace peft::host
