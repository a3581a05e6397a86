#include "evaluate/generate.h"

#include <ATen/Parallel.h>
#include <ATen/core/LegacyTypeDispatch.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <string>
#include <utility>

#include "evaluate/sampling.h"
#include "peft/adapter_set.h"
#include "peft/error.h"
#include "peft/forward.h"

namespace peft::host {
namespace {

// A sequence while it is decoded.
struct Sequence {
  size_t prompt = 0;            // its place in the caller's list
  std::vector<int64_t> source;  // what an encoder has still to read
  std::vector<int64_t> seen;    // what the decoder has read: prompt or start token, and answer so far
  std::vector<int64_t> fresh;   // of these, what the cache does not have yet
  RandomStream random{0};
};

class Decoding {
 public:
  Decoding(Model& model, const std::vector<ActiveSet>& sets, const std::vector<GenerationPrompt>& prompts,
           const GenerationOptions& options, const GenerationCallbacks& callbacks)
      : model_(model),
        options_(options),
        callbacks_(callbacks),
        cache_(model, static_cast<int64_t>(prompts.size())),
        results_(prompts.size()) {
    forward_options_.sets = sets;
    forward_options_.cache = &cache_;
    for (size_t i = 0; i < prompts.size(); ++i) {
      const std::vector<int64_t> read =
          has_encoder() ? std::vector<int64_t>{*model.info().decoder_start} : prompts[i].ids;
      live_.push_back({.prompt = i,
                       .source = has_encoder() ? prompts[i].ids : std::vector<int64_t>(),
                       .seen = read,
                       .fresh = read,
                       .random = sample_stream(options.seed, prompts[i].sample)});
    }
  }

  std::vector<Generated> run() && {
    for (int64_t step = 0; step < options_.max_new_tokens && !live_.empty(); ++step) {
      if (callbacks_.interrupted && callbacks_.interrupted()) {
        for (const Sequence& sequence : live_) results_[sequence.prompt].reason = StopReason::interrupted;
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
    std::vector<Sequence> still_live;
    for (size_t s = 0; s < live_.size(); ++s) {
      if (!take(live_[s], chosen[s], static_cast<int64_t>(s))) continue;
      going_on.push_back(static_cast<int64_t>(s));
      still_live.push_back(std::move(live_[s]));
    }
    if (going_on.size() < live_.size()) cache_.select(going_on);
    live_ = std::move(still_live);
  }

  std::vector<int64_t> choose(int64_t step) {
    const at::Tensor scores = next_scores();  // [B, vocabulary]
    const auto width = static_cast<size_t>(scores.size(1));
    float* const first = scores.data_ptr<float>();
    std::vector<int64_t> chosen(live_.size());
    at::parallel_for(0, static_cast<int64_t>(live_.size()), 1, [&](int64_t begin, int64_t end) {
      for (auto s = static_cast<size_t>(begin); s < static_cast<size_t>(end); ++s) {
        const Sequence& sequence = live_[s];
        chosen[s] =
            next_token(Scores(first + s * width, width), sequence.seen, options_, sequence.random, step);
      }
    });
    return chosen;
  }

  // Whether the sequence goes on.
  bool take(Sequence& sequence, int64_t id, int64_t place_in_cache) {
    Generated& result = results_[sequence.prompt];
    if (std::find(options_.stop.begin(), options_.stop.end(), id) != options_.stop.end()) {
      result.reason = StopReason::stop_token;
      return false;
    }
    result.ids.push_back(id);
    if (callbacks_.on_token) callbacks_.on_token(sequence.prompt, id);
    sequence.seen.push_back(id);
    sequence.fresh = {id};
    sequence.source.clear();
    const int64_t positions = model_.info().max_positions;
    const bool fits = positions == 0 || cache_.length(place_in_cache) < positions;
    if (!fits && static_cast<int64_t>(result.ids.size()) < options_.max_new_tokens) {
      result.reason = StopReason::out_of_positions;
    }
    return fits;
  }

  // The scores behind the last token of each sequence, [B, vocabulary] float32 on the CPU.
  at::Tensor next_scores() {
    const Batch batch = fresh_tokens();
    Forward forward(model_, batch, forward_options_);
    const at::Tensor hidden = model_.hidden(forward);
    const Rows& all = forward.rows();
    LinearSite& head = *model_.language_head();
    const bool one_each = all.offsets.size() == all.example.size() + 1;
    const at::Tensor scores = one_each ? forward.linear(head, hidden) : scores_at_ends(forward, head, hidden);
    return scores.to(at::kFloat).cpu().contiguous();
  }

  // Of each sequence's last row alone.
  static at::Tensor scores_at_ends(Forward& forward, LinearSite& head, const at::Tensor& hidden) {
    const Rows& all = forward.rows();
    std::vector<int64_t> ends;
    Rows rows;
    for (size_t s = 1; s < all.offsets.size(); ++s) {
      const int64_t row = all.offsets[s] - 1;
      ends.push_back(row);
      rows.example.push_back(all.example[static_cast<size_t>(row)]);
      rows.place.push_back(all.place[static_cast<size_t>(row)]);
    }
    return forward.linear(head, hidden.index_select(0, at::tensor(ends).to(hidden.device())), rows);
  }

  Batch fresh_tokens() const {
    std::vector<EncodedExample> examples(live_.size());
    std::vector<const EncodedExample*> pointers;
    for (size_t s = 0; s < live_.size(); ++s) {
      const EncodedSequence fresh{.ids = live_[s].fresh, .labels = {}};
      if (has_encoder()) {
        examples[s].inputs.push_back({.ids = live_[s].source, .labels = {}});
        examples[s].decoder_inputs.push_back(fresh);
      } else {
        examples[s].inputs.push_back(fresh);
      }
      examples[s].index = static_cast<int64_t>(live_[s].prompt);
      pointers.push_back(&examples[s]);
    }
    return pack(pointers, model_.sites().parameters.front().tensor.device());
  }

  bool has_encoder() const { return model_.info().kind == ModelKind::encoder_decoder; }

  Model& model_;
  const GenerationOptions& options_;
  const GenerationCallbacks& callbacks_;
  KeyValueCache cache_;
  ForwardOptions forward_options_;
  std::vector<Sequence> live_;  // in the cache's order
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
