#include "evaluate/sampling.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr float removed = -std::numeric_limits<float>::infinity();

// exp(score - best): softmax but for its divisor.
std::vector<double> weights_of(const Scores& scores) {
  const float best = *std::max_element(scores.begin(), scores.end());
  std::vector<double> weights(scores.size());
  std::transform(scores.begin(), scores.end(), weights.begin(),
                 [best](float score) { return std::exp(static_cast<double>(score) - best); });
  return weights;
}

// In [0, 1), 53 bits: with fewer, unlikely tokens of a large vocabulary would never come.
double uniform(const RandomStream& stream, int64_t index) {
  const auto bits = stream.block(static_cast<uint64_t>(index));
  return static_cast<double>((uint64_t{bits[0]} << 32 | bits[1]) >> 11) * 0x1p-53;
}

}  // namespace

void penalize_repetition(Scores& scores, const std::vector<int64_t>& seen, double penalty) {
  if (penalty == 1.0) return;
  const auto factor = static_cast<float>(penalty);
  Scores penalized;  // all read before any is written, so that a token seen twice is penalised once
  penalized.reserve(seen.size());
  for (const int64_t id : seen) {
    const float score = scores.at(static_cast<size_t>(id));
    penalized.push_back(score < 0 ? score * factor : score / factor);
  }
  for (size_t i = 0; i < seen.size(); ++i) scores[static_cast<size_t>(seen[i])] = penalized[i];
}

void keep_top_k(Scores& scores, int64_t k) {
  if (k <= 0 || k >= static_cast<int64_t>(scores.size())) return;
  Scores best = scores;
  const auto kth = best.begin() + (k - 1);
  std::nth_element(best.begin(), kth, best.end(), std::greater<>());
  std::replace_if(
      scores.begin(), scores.end(), [least = *kth](float score) { return score < least; }, removed);
}

void keep_top_p(Scores& scores, double p) {
  if (p >= 1.0) return;
  const std::vector<double> weights = weights_of(scores);
  const double wanted = p * std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<size_t> heap(scores.size());
  std::iota(heap.begin(), heap.end(), size_t{0});
  const auto comes_later = [&](size_t a, size_t b) {
    return scores[a] != scores[b] ? scores[a] < scores[b] : a > b;
  };
  std::make_heap(heap.begin(), heap.end(), comes_later);
  Scores kept(scores.size(), removed);
  double sum = 0.0;
  do {
    std::pop_heap(heap.begin(), heap.end(), comes_later);
    const size_t id = heap.back();
    heap.pop_back();
    kept[id] = scores[id];
    sum += weights[id];
  } while (sum < wanted && !heap.empty());
  scores = std::move(kept);
}

int64_t best_token(const Scores& scores) {
  return std::max_element(scores.begin(), scores.end()) - scores.begin();
}

int64_t token_at(const Scores& scores, double place) {
  const std::vector<double> weights = weights_of(scores);
  const double wanted = place * std::accumulate(weights.begin(), weights.end(), 0.0);
  double sum = 0.0;
  int64_t last = 0;  // rounding must not lead past the last token that can be chosen
  for (size_t id = 0; id < weights.size(); ++id) {
    if (weights[id] == 0.0) continue;
    last = static_cast<int64_t>(id);
    sum += weights[id];
    if (wanted < sum) break;
  }
  return last;
}

int64_t next_token(Scores scores, const std::vector<int64_t>& seen, const GenerationOptions& options,
                   const RandomStream& sample, int64_t step) {
  if (std::any_of(scores.begin(), scores.end(), [](float score) { return std::isnan(score); })) {
    throw Error(
        "the model's scores for the next token are not numbers; its weights are damaged, or training "
        "diverged: lower the learning rate");
  }
  penalize_repetition(scores, seen, options.repetition_penalty);
  if (options.temperature <= 0.0) return best_token(scores);
  const auto temperature = static_cast<float>(options.temperature);
  for (float& score : scores) score /= temperature;
  keep_top_k(scores, options.top_k);
  keep_top_p(scores, options.top_p);
  return token_at(scores, uniform(sample, step));
}

RandomStream sample_stream(uint64_t seed, uint64_t sample) {
  return RandomStream(seed).child("generation").child(sample);
}

}  // namespace peft::host
