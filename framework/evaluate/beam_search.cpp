#include "evaluate/beam_search.h"

#include <ATen/ops/log_softmax.h>
#include <ATen/ops/topk.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "evaluate/decoding_batch.h"
#include "evaluate/sampling.h"

namespace peft::host {
namespace {

// A beam's continuation by one token.
struct Candidate {
  size_t beam = 0;  // its place in the batch
  int64_t id = 0;
  float score = 0;  // the sum of the log-likelihoods
  std::optional<StopReason> ends;
};

struct Finished {
  Generated answer;
  float score = 0;
};

// One prompt.
struct Search {
  std::vector<float> scores;       // of its live beams, the best first
  std::vector<Finished> finished;  // the best first
};

class BeamSearch {
 public:
  BeamSearch(Model& model, const std::vector<ActiveSet>& sets, const std::vector<GenerationPrompt>& prompts,
             const GenerationOptions& options, const GenerationCallbacks& callbacks)
      : batch_(model, sets, prompts),
        options_(options),
        callbacks_(callbacks),
        searches_(prompts.size(), Search{.scores = {0.0f}}) {}

  bool is_done() const { return batch_.sequences().empty(); }

  // One more token for every beam.
  void advance() {
    at::Tensor scores = at::log_softmax(batch_.next_scores(), 1);
    const std::vector<DecodedSequence>& beams = batch_.sequences();
    const auto width = static_cast<size_t>(scores.size(1));
    for (size_t beam = 0; beam < beams.size(); ++beam) {
      const Scores row(scores.data_ptr<float>() + beam * width, width);
      penalize_repetition(row, beams[beam].seen, options_.repetition_penalty);
    }
    std::vector<DecodedSequence> next;
    std::vector<int64_t> from;
    for (size_t begin = 0; begin < beams.size();) {
      size_t end = begin;
      while (end < beams.size() && beams[end].prompt == beams[begin].prompt) ++end;
      go_on(begin, end, scores, next, from);
      begin = end;
    }
    batch_.replace(std::move(next), from);
  }

  // What was found; of a prompt that was interrupted, the likeliest beam so far.
  std::vector<Generated> take() && {
    for (const DecodedSequence& beam : batch_.sequences()) {
      Search& search = searches_[beam.prompt];
      if (search.finished.empty())
        search.finished.push_back({{.ids = beam.answer(), .reason = StopReason::interrupted}, 0});
    }
    std::vector<Generated> answers;
    for (Search& search : searches_) answers.push_back(std::move(search.finished.front().answer));
    return answers;
  }

 private:
  float per_length(float score, int64_t length) const {
    return score / static_cast<float>(std::pow(static_cast<double>(length), options_.length_penalty));
  }

  // Why the beam's continuation by this token goes no further; nothing where it does.
  std::optional<StopReason> end_of(size_t place, int64_t id) const {
    const DecodedSequence& beam = batch_.sequences()[place];
    if (std::find(options_.stop.begin(), options_.stop.end(), id) != options_.stop.end())
      return StopReason::stop_token;
    if (callbacks_.ends) {
      std::vector<int64_t> answer = beam.answer();
      answer.push_back(id);
      if (callbacks_.ends(answer)) return StopReason::stop_text;
    }
    if (beam.answered + 1 == options_.max_new_tokens) return StopReason::max_new_tokens;
    if (!batch_.has_room(place)) return StopReason::out_of_positions;
    return {};
  }

  // The best continuations of a prompt's beams, begin … end-1: so many that enough remain where all that can
  // end do.
  std::vector<Candidate> best_of(size_t begin, size_t end, const at::Tensor& scores) const {
    const std::vector<DecodedSequence>& beams = batch_.sequences();
    const Search& search = searches_[beams[begin].prompt];
    at::Tensor sums =
        scores.narrow(0, static_cast<int64_t>(begin), static_cast<int64_t>(end - begin)).clone();
    for (size_t i = 0; i < end - begin; ++i) sums.select(0, static_cast<int64_t>(i)).add_(search.scores[i]);
    const int64_t ways = std::max<int64_t>(2, 1 + static_cast<int64_t>(options_.stop.size()));
    const auto [best, places] = at::topk(sums.flatten(), std::min(ways * options_.beams, sums.numel()));
    std::vector<Candidate> candidates;
    for (int64_t i = 0; i < best.size(0); ++i) {
      const int64_t place = places.data_ptr<int64_t>()[i];
      const size_t beam = begin + static_cast<size_t>(place / scores.size(1));
      const int64_t id = place % scores.size(1);
      candidates.push_back(
          {.beam = beam, .id = id, .score = best.data_ptr<float>()[i], .ends = end_of(beam, id)});
    }
    return candidates;
  }

  void finish(Search& search, const Candidate& candidate) {
    const DecodedSequence& beam = batch_.sequences()[candidate.beam];
    Finished one{{.ids = beam.answer(), .reason = *candidate.ends},
                 per_length(candidate.score, beam.answered + 1)};
    if (candidate.ends != StopReason::stop_token) one.answer.ids.push_back(candidate.id);
    const auto after = std::find_if(search.finished.begin(), search.finished.end(),
                                    [&](const Finished& other) { return other.score < one.score; });
    search.finished.insert(after, std::move(one));
    if (search.finished.size() > static_cast<size_t>(options_.beams)) search.finished.pop_back();
  }

  void go_on(size_t begin, size_t end, const at::Tensor& scores, std::vector<DecodedSequence>& next,
             std::vector<int64_t>& from) {
    const std::vector<DecodedSequence>& beams = batch_.sequences();
    Search& search = searches_[beams[begin].prompt];
    const std::vector<Candidate> candidates = best_of(begin, end, scores);
    const auto wanted = static_cast<size_t>(options_.beams);
    search.scores.clear();
    std::vector<Candidate> live;
    for (size_t i = 0; i < candidates.size(); ++i) {
      if (candidates[i].ends && i < wanted) finish(search, candidates[i]);
      if (!candidates[i].ends && live.size() < wanted) live.push_back(candidates[i]);
    }
    if (live.empty()) return;
    const int64_t length = beams[begin].answered + 1;
    const bool full = search.finished.size() == wanted;
    if (full && per_length(live.front().score, length) <= search.finished.back().score) return;
    for (const Candidate& candidate : live) {
      DecodedSequence beam = beams[candidate.beam];
      beam.append(candidate.id);
      next.push_back(std::move(beam));
      from.push_back(static_cast<int64_t>(candidate.beam));
      search.scores.push_back(candidate.score);
    }
  }

  DecodingBatch batch_;
  const GenerationOptions& options_;
  const GenerationCallbacks& callbacks_;
  std::vector<Search> searches_;
};

}  // namespace

std::vector<Generated> beam_search(Model& model, const std::vector<ActiveSet>& sets,
                                   const std::vector<GenerationPrompt>& prompts,
                                   const GenerationOptions& options, const GenerationCallbacks& callbacks) {
  BeamSearch search(model, sets, prompts, options, callbacks);
  while (!search.is_done() && !(callbacks.interrupted && callbacks.interrupted())) search.advance();
  return std::move(search).take();
}

}  // namespace peft::host
