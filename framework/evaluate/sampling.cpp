#include "evaluate/sampling.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr float removed = -std::numeric_limits<float>::infinity();

constexpr size_t lanes = 32;  // computed side by side: the compiler makes vectors of them

// NaN where one of the scores is.
float best_score(Scores scores) {
  std::array<float, lanes> best;
  best.fill(removed);
  std::array<int, lanes> no_number{};
  size_t i = 0;
  for (; i + lanes <= scores.size(); i += lanes) {
    for (size_t lane = 0; lane < lanes; ++lane) {
      const float score = scores[i + lane];
      best[lane] = score > best[lane] ? score : best[lane];
      no_number[lane] |= score == score ? 0 : 1;
    }
  }
  for (size_t lane = 0; i < scores.size(); ++i, ++lane) {
    best[lane] = std::max(best[lane], scores[i]);
    no_number[lane] |= std::isnan(scores[i]) ? 1 : 0;
  }
  const bool damaged = std::any_of(no_number.begin(), no_number.end(), [](int one) { return one != 0; });
  return damaged ? std::numeric_limits<float>::quiet_NaN() : *std::max_element(best.begin(), best.end());
}

// Softmax but for its divisor.
double weight_of(float score, float best) {
  return score == removed ? 0.0 : std::exp(static_cast<double>(score) - best);
}

double sum_of_weights(Scores scores, float best) {
  return std::accumulate(scores.begin(), scores.end(), 0.0,
                         [best](double sum, float score) { return sum + weight_of(score, best); });
}

// In [0, 1), 53 bits: with fewer, unlikely tokens of a large vocabulary would never come.
double uniform(const RandomStream& stream, int64_t index) {
  const auto bits = stream.block(static_cast<uint64_t>(index));
  return static_cast<double>((uint64_t{bits[0]} << 32 | bits[1]) >> 11) * 0x1p-53;
}

}  // namespace

void penalize_repetition(Scores scores, const std::vector<int64_t>& seen, double penalty) {
  if (penalty == 1.0) return;
  const auto factor = static_cast<float>(penalty);
  constexpr float most = std::numeric_limits<float>::max();
  // All read before any is written, so that a token seen twice is penalised once.
  std::vector<float> penalized;
  penalized.reserve(seen.size());
  for (const int64_t id : seen) {
    const float score = scores[static_cast<size_t>(id)];
    penalized.push_back(std::clamp(score < 0 ? score * factor : score / factor, -most, most));
  }
  for (size_t i = 0; i < seen.size(); ++i) scores[static_cast<size_t>(seen[i])] = penalized[i];
}

void keep_top_k(Scores scores, int64_t k) {
  if (k <= 0 || k >= static_cast<int64_t>(scores.size())) return;
  std::vector<float> best(scores.begin(), scores.begin() + k);  // a heap, the least of them first
  std::make_heap(best.begin(), best.end(), std::greater<>());
  for (const float score : scores.subspan(static_cast<size_t>(k))) {
    if (score <= best.front()) continue;
    std::pop_heap(best.begin(), best.end(), std::greater<>());
    best.back() = score;
    std::push_heap(best.begin(), best.end(), std::greater<>());
  }
  std::replace_if(
      scores.begin(), scores.end(), [least = best.front()](float score) { return score < least; }, removed);
}

void keep_top_p(Scores scores, double p) {
  if (p >= 1.0) return;
  const float best = best_score(scores);
  const double total = sum_of_weights(scores, best);
  const double wanted = p * total;
  // Tokens that each weigh less than this weigh less than total - wanted together: the others are enough.
  const double least = (total - wanted) / static_cast<double>(scores.size());
  const double least_score = best + std::log(least) - 1e-3;  // less by more than is lost in rounding
  struct Candidate {
    float score;
    size_t id;
    bool operator<(const Candidate& other) const {  // comes later
      return score != other.score ? score < other.score : id > other.id;
    }
  };
  std::vector<Candidate> heap;
  for (size_t id = 0; id < scores.size(); ++id) {
    if (scores[id] >= least_score) heap.push_back({scores[id], id});
  }
  std::make_heap(heap.begin(), heap.end());
  Candidate last{};
  double sum = 0.0;
  do {
    std::pop_heap(heap.begin(), heap.end());
    last = heap.back();
    heap.pop_back();
    sum += weight_of(last.score, best);
  } while (sum < wanted && !heap.empty());
  for (size_t id = 0; id < scores.size(); ++id) {
    if (Candidate{scores[id], id} < last) scores[id] = removed;
  }
}

int64_t best_token(Scores scores) {
  return std::find(scores.begin(), scores.end(), best_score(scores)) - scores.begin();
}

int64_t token_at(Scores scores, double place) {
  const float best = best_score(scores);
  const double wanted = place * sum_of_weights(scores, best);
  double sum = 0.0;
  int64_t last = 0;  // rounding must not lead past the last token that can be chosen
  for (size_t id = 0; id < scores.size(); ++id) {
    const double weight = weight_of(scores[id], best);
    if (weight == 0.0) continue;
    last = static_cast<int64_t>(id);
    sum += weight;
    if (wanted < sum) break;
  }
  return last;
}

int64_t next_token(Scores scores, const std::vector<int64_t>& seen, const GenerationOptions& options,
                   const RandomStream& sample, int64_t step) {
  if (!std::isfinite(best_score(scores))) {
    throw Error(
        "the model's scores for the next token are not numbers; its weights are damaged, or training "
        "diverged: lower the learning rate");
  }
  penalize_repetition(scores, seen, options.repetition_penalty);
  if (options.temperature <= 0.0) return best_token(scores);
  // The best score becomes 0, so that no temperature, however small, leads beyond what a float holds.
  const float best = best_score(scores);
  const float temperature =
      std::max(static_cast<float>(options.temperature), std::numeric_limits<float>::min());
  for (float& score : scores) score = (score - best) / temperature;
  keep_top_k(scores, options.top_k);
  keep_top_p(scores, options.top_p);
  return token_at(scores, uniform(sample, step));
}

RandomStream sample_stream(uint64_t seed, uint64_t sample) {
  return RandomStream(seed).child("generation").child(sample);
}

}  // namespace peft::host
