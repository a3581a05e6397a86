// Continues token sequences, many at once, with any adapter sets active.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "evaluate/generation_options.h"
#include "peft/model.h"
#include "peft/text_codec.h"

namespace peft::host {

struct GenerationPrompt {
  std::vector<int64_t> ids;
  // Keys the random draws: the same prompt with another number is another sample.
  uint64_t sample = 0;
};

enum class StopReason { stop_token, stop_text, max_new_tokens, out_of_positions, interrupted };

struct Generated {
  std::vector<int64_t> ids;  // the continuation alone, without the stop token
  StopReason reason = StopReason::max_new_tokens;
};

// Whether the model ended its answer, and not a limit.
inline bool is_ended(StopReason reason) {
  return reason == StopReason::stop_token || reason == StopReason::stop_text;
}

struct GenerationCallbacks {
  // Each token of a continuation as it is chosen; `prompt` is its place in the list.
  std::function<void(size_t prompt, int64_t id)> on_token;
  // Asked of each answer so far: whether it ends here, its last token counted.
  std::function<bool(const std::vector<int64_t>& answer)> ends;
  // Asked before every step; once true, what there is so far comes back.
  std::function<bool()> interrupted;
};

class Generator {
 public:
  // The model and the sets must outlive the generator. No set: the base alone.
  Generator(Model& model, std::vector<ActiveSet> sets);

  // One continuation a prompt, decoded together. A continuation does not depend on the prompts beside it.
  // Throws `peft::Error` for an empty prompt and for one that does not fit the model's positions.
  std::vector<Generated> generate(const std::vector<GenerationPrompt>& prompts,
                                  const GenerationOptions& options,
                                  const GenerationCallbacks& callbacks = {});

 private:
  Model& model_;
  std::vector<ActiveSet> sets_;
};

// The end-of-text tokens that the model and the tokeniser name: what an answer stops at.
std::vector<int64_t> end_of_text_ids(const ModelInfo& info, const TextCodec& codec);

// Virtual tokens of the sets, of prefixes and prompts.
int64_t virtual_tokens(const std::vector<ActiveSet>& sets);

// Tokens a prompt may have so that an answer of `max_new_tokens` fits behind it; 0: no limit. An answer is
// given up to half of the positions only: more would leave prompts without a beginning.
int64_t prompt_room(const ModelInfo& info, int64_t virtual_tokens, int64_t max_new_tokens);

}  // namespace peft::host
