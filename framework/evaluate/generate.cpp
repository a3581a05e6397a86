#include "evaluate/generate.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <string>
#include <utility>

#include "evaluate/beam_search.h"
#include "evaluate/decoding_batch.h"
#include "evaluate/sampling.h"
#include "peft/adapter_set.h"
#include "peft/error.h"
#include "peft/forward.h"

namespace peft::host {
namespace {

class Decoding {
 public:
  Decoding(Model& model, const std::vector<ActiveSet>& sets, const std::vector<GenerationPrompt>& prompts,
           const GenerationOptions& options, const GenerationCallbacks& callbacks)
      : options_(options), callbacks_(callbacks), batch_(model, sets, prompts), results_(prompts.size()) {
    for (const GenerationPrompt& prompt : prompts)
      streams_.push_back(sample_stream(options.seed, prompt.sample));
  }

  std::vector<Generated> run() && {
    for (int64_t step = 0; step < options_.max_new_tokens && !batch_.sequences().empty(); ++step) {
      if (callbacks_.interrupted && callbacks_.interrupted()) {
        for (const DecodedSequence& sequence : batch_.sequences())
          results_[sequence.prompt].reason = StopReason::interrupted;
        break;
      }
      advance(step);
    }
    return std::move(results_);
  }

 private:
  // One more token for each sequence; those that end leave the batch.
  void advance(int64_t step) {
    const std::vector<int64_t> chosen = choose(step);
    std::vector<int64_t> going_on;
    std::vector<DecodedSequence> still_live;
    std::vector<DecodedSequence> sequences = batch_.take();
    for (size_t s = 0; s < sequences.size(); ++s) {
      if (!take(sequences[s], chosen[s], s)) continue;
      going_on.push_back(static_cast<int64_t>(s));
      still_live.push_back(std::move(sequences[s]));
    }
    batch_.replace(std::move(still_live), going_on);
  }

  std::vector<int64_t> choose(int64_t step) {
    const at::Tensor scores = batch_.next_scores();
    const auto width = static_cast<size_t>(scores.size(1));
    auto* const first = scores.data_ptr<float>();
    const std::vector<DecodedSequence>& live = batch_.sequences();
    std::vector<int64_t> chosen(live.size());
    at::parallel_for(0, static_cast<int64_t>(live.size()), 1, [&](int64_t begin, int64_t end) {
      for (auto s = static_cast<size_t>(begin); s < static_cast<size_t>(end); ++s) {
        chosen[s] = next_token(Scores(first + s * width, width), live[s].seen, options_,
                               streams_[live[s].prompt], step);
      }
    });
    return chosen;
  }

  // Whether the sequence goes on.
  bool take(DecodedSequence& sequence, int64_t id, size_t place) {
    Generated& result = results_[sequence.prompt];
    if (std::find(options_.stop.begin(), options_.stop.end(), id) != options_.stop.end()) {
      result.reason = StopReason::stop_token;
      return false;
    }
    result.ids.push_back(id);
    if (callbacks_.on_token) callbacks_.on_token(sequence.prompt, id);
    sequence.append(id);
    if (callbacks_.ends && callbacks_.ends(result.ids)) {
      result.reason = StopReason::stop_text;
      return false;
    }
    const bool fits = batch_.has_room(place);
    if (!fits && static_cast<int64_t>(result.ids.size()) < options_.max_new_tokens) {
      result.reason = StopReason::out_of_positions;
    }
    return fits;
  }

  const GenerationOptions& options_;
  const GenerationCallbacks& callbacks_;
  DecodingBatch batch_;
  std::vector<RandomStream> streams_;  // one a prompt
  std::vector<Generated> results_;
};

void check_fits(const GenerationPrompt& prompt, const ModelInfo& info, int64_t virtual_tokens) {
  if (prompt.ids.empty()) throw Error("a prompt without tokens cannot be continued; give it some text");
  const auto length = static_cast<int64_t>(prompt.ids.size());
  if (info.max_positions > 0 && virtual_tokens + length > info.max_positions) {
    throw Error("a prompt of " + std::to_string(length) + " tokens and " + std::to_string(virtual_tokens) +
                " virtual ones do not fit the model's " + std::to_string(info.max_positions) +
                " positions; shorten the prompt");
  }
}

}  // namespace

Generator::Generator(Model& model, std::vector<ActiveSet> sets) : model_(model), sets_(std::move(sets)) {
  if (model_.language_head() == nullptr) {
    throw Error("the model '" + model_.info().family +
                "' has no vocabulary projection, so it cannot generate");
  }
}

std::vector<Generated> Generator::generate(const std::vector<GenerationPrompt>& prompts,
                                           const GenerationOptions& options,
                                           const GenerationCallbacks& callbacks) {
  for (const GenerationPrompt& prompt : prompts) check_fits(prompt, model_.info(), virtual_tokens(sets_));
  if (prompts.empty()) return {};
  // Not inference mode: what a method computes and keeps here, it may use in training later.
  const at::NoGradGuard no_grad;
  const at::AutoDispatchBelowADInplaceOrView no_bookkeeping;
  if (options.beams > 1) return beam_search(model_, sets_, prompts, options, callbacks);
  return Decoding(model_, sets_, prompts, options, callbacks).run();
}

std::vector<int64_t> end_of_text_ids(const ModelInfo& info, const TextCodec& codec) {
  std::vector<int64_t> ids;
  if (codec.end_of_text()) ids.push_back(*codec.end_of_text());
  for (const int64_t id : info.end_of_text) {
    if (id != codec.end_of_text()) ids.push_back(id);
  }
  return ids;
}

int64_t virtual_tokens(const std::vector<ActiveSet>& sets) {
  int64_t count = 0;
  for (const ActiveSet& active : sets) count += active.set->virtual_tokens();
  return count;
}

int64_t prompt_room(const ModelInfo& info, int64_t virtual_tokens, int64_t max_new_tokens) {
  if (info.max_positions == 0) return 0;
  const int64_t positions = info.max_positions - virtual_tokens;
  return std::max(positions - max_new_tokens, positions - positions / 2);
}

}  // namespace peft::host
