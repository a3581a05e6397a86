#include "evaluate/decoding_batch.h"

#include <ATen/ops/tensor.h>

#include <utility>

namespace peft::host {
namespace {

bool has_encoder(const Model& model) {
  return model.info().kind == ModelKind::encoder_decoder;
}

// Of each sequence's last row alone.
at::Tensor scores_at_ends(Forward& forward, LinearSite& head, const at::Tensor& hidden) {
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

}  // namespace

void DecodedSequence::append(int64_t id) {
  seen.push_back(id);
  fresh = {id};
  source.clear();
  ++answered;
}

std::vector<int64_t> DecodedSequence::answer() const {
  return {seen.end() - answered, seen.end()};
}

DecodingBatch::DecodingBatch(Model& model, const std::vector<ActiveSet>& sets,
                             const std::vector<GenerationPrompt>& prompts)
    : model_(model),
      cache_(model, static_cast<int64_t>(prompts.size())),
      cached_(static_cast<int64_t>(prompts.size())) {
  options_.sets = sets;
  options_.cache = &cache_;
  for (size_t i = 0; i < prompts.size(); ++i) {
    const bool encoded = has_encoder(model);
    const std::vector<int64_t> read =
        encoded ? std::vector<int64_t>{*model.info().decoder_start} : prompts[i].ids;
    sequences_.push_back({.prompt = i,
                          .source = encoded ? prompts[i].ids : std::vector<int64_t>(),
                          .seen = read,
                          .fresh = read,
                          .answered = 0});
  }
}

at::Tensor DecodingBatch::next_scores() {
  const Batch batch = fresh_tokens();
  Forward forward(model_, batch, options_);
  const at::Tensor hidden = model_.hidden(forward);
  const Rows& all = forward.rows();
  LinearSite& head = *model_.language_head();
  const bool one_each = all.offsets.size() == all.example.size() + 1;
  const at::Tensor scores = one_each ? forward.linear(head, hidden) : scores_at_ends(forward, head, hidden);
  return scores.to(at::kFloat).cpu().contiguous();
}

void DecodingBatch::replace(std::vector<DecodedSequence> sequences, const std::vector<int64_t>& from) {
  bool same = static_cast<int64_t>(from.size()) == cached_;
  for (size_t i = 0; same && i < from.size(); ++i) same = from[i] == static_cast<int64_t>(i);
  if (!same) cache_.select(from);
  cached_ = static_cast<int64_t>(from.size());
  sequences_ = std::move(sequences);
}

bool DecodingBatch::has_room(size_t place) const {
  const int64_t positions = model_.info().max_positions;
  return positions == 0 || cache_.length(static_cast<int64_t>(place)) < positions;
}

Batch DecodingBatch::fresh_tokens() const {
  std::vector<EncodedExample> examples(sequences_.size());
  std::vector<const EncodedExample*> pointers;
  for (size_t s = 0; s < sequences_.size(); ++s) {
    EncodedSequence fresh{.ids = sequences_[s].fresh, .labels = {}};
    if (has_encoder(model_)) {
      examples[s].inputs.push_back({.ids = sequences_[s].source, .labels = {}});
      examples[s].decoder_inputs.push_back(std::move(fresh));
    } else {
      examples[s].inputs.push_back(std::move(fresh));
    }
    examples[s].index = static_cast<int64_t>(sequences_[s].prompt);
    pointers.push_back(&examples[s]);
  }
  return pack(pointers, model_.sites().parameters.front().tensor.device());
}

}  // namespace peft::host
