#include "evaluate/sampling.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <set>

#include "peft/error.h"

namespace {

using namespace peft::host;

constexpr float gone = -std::numeric_limits<float>::infinity();

Scores log_of(std::initializer_list<double> probabilities) {
  Scores scores;
  for (const double p : probabilities) scores.push_back(static_cast<float>(std::log(p)));
  return scores;
}

std::set<size_t> kept(const Scores& scores) {
  std::set<size_t> ids;
  for (size_t id = 0; id < scores.size(); ++id) {
    if (scores[id] != gone) ids.insert(id);
  }
  return ids;
}

TEST_CASE("repetition penalty divides positive scores, multiplies negative ones, and each once") {
  Scores scores = {2.0f, -2.0f, 3.0f, 0.0f, 1.0f};
  penalize_repetition(scores, {0, 1, 1, 0, 3, 0}, 2.0);
  CHECK(scores == Scores{1.0f, -4.0f, 3.0f, 0.0f, 1.0f});
  penalize_repetition(scores, {2}, 1.0);
  CHECK(scores[2] == 3.0f);
}

TEST_CASE("top-k removes what is below the k-th best score, and keeps its ties") {
  Scores scores = {1.0f, 5.0f, 3.0f, 3.0f, 2.0f};
  keep_top_k(scores, 2);
  CHECK(scores == Scores{gone, 5.0f, 3.0f, 3.0f, gone});
  Scores all = {1.0f, 2.0f};
  keep_top_k(all, 0);
  keep_top_k(all, 9);
  CHECK(all == Scores{1.0f, 2.0f});
}

TEST_CASE("top-p keeps the smallest set that sums to at least p, and never nothing") {
  const auto kept_at = [](double p) {
    Scores scores = log_of({0.1, 0.5, 0.15, 0.25});
    keep_top_p(scores, p);
    return kept(scores);
  };
  CHECK(kept_at(0.0) == std::set<size_t>{1});
  CHECK(kept_at(0.45) == std::set<size_t>{1});
  CHECK(kept_at(0.51) == std::set<size_t>{1, 3});
  CHECK(kept_at(0.74) == std::set<size_t>{1, 3});
  CHECK(kept_at(0.76) == std::set<size_t>{1, 2, 3});
  CHECK(kept_at(0.95) == std::set<size_t>{0, 1, 2, 3});
  CHECK(kept_at(1.0) == std::set<size_t>{0, 1, 2, 3});
}

TEST_CASE("top-p keeps lower ids first among equals, and leaves removed tokens removed") {
  Scores scores = {1.0f, 1.0f, 1.0f, 1.0f, gone};
  keep_top_p(scores, 0.4);
  CHECK(kept(scores) == std::set<size_t>{0, 1});
  CHECK(scores[0] == 1.0f);
}

TEST_CASE("greedy decoding takes the best token, the first of equals, after the penalty") {
  const peft::RandomStream stream = sample_stream(0, 0);
  GenerationOptions options;
  CHECK(next_token({1.0f, 4.0f, 4.0f, 2.0f}, {}, options, stream, 0) == 1);
  options.repetition_penalty = 2.0;
  CHECK(next_token({1.0f, 4.0f, 3.0f, 2.0f}, {1}, options, stream, 0) == 2);
}

TEST_CASE("scores that are not numbers are an error, not a token") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(next_token({1.0f, nan}, {}, {}, sample_stream(0, 0), 0), peft::Error);
}

TEST_CASE("a place in [0, 1) leads to the token whose share of it covers the place") {
  const Scores scores = log_of({0.25, 0.5, 0.25});
  CHECK(token_at(scores, 0.0) == 0);
  CHECK(token_at(scores, 0.2499) == 0);
  CHECK(token_at(scores, 0.2501) == 1);
  CHECK(token_at(scores, 0.7499) == 1);
  CHECK(token_at(scores, 0.7501) == 2);
  CHECK(token_at(scores, 0.9999999) == 2);
  CHECK(token_at({gone, 0.0f, gone}, 0.0) == 1);
  CHECK(token_at({0.0f, gone, gone}, std::nextafter(1.0, 0.0)) == 0);
}

// How far `count` draws are from the distribution: Pearson's statistic.
double chi_square(const std::array<int, 4>& drawn, const std::array<double, 4>& expected, int count) {
  double sum = 0.0;
  for (size_t id = 0; id < drawn.size(); ++id) {
    if (expected[id] == 0.0) {
      CHECK(drawn[id] == 0);
      continue;
    }
    const double wanted = expected[id] * count;
    sum += (drawn[id] - wanted) * (drawn[id] - wanted) / wanted;
  }
  return sum;
}

TEST_CASE("samples follow penalty, temperature, top-k and top-p in that order") {
  // p = (0.4, 0.3, 0.2, 0.1). Temperature 0.5 squares: (16, 9, 4, 1) / 30.
  struct Case {
    GenerationOptions options;
    std::vector<int64_t> seen;
    std::array<double, 4> expected;
  };
  const Case cases[] = {
      {{.temperature = 1.0, .stop = {}}, {}, {0.4, 0.3, 0.2, 0.1}},
      {{.temperature = 0.5, .stop = {}}, {}, {16.0 / 30, 9.0 / 30, 4.0 / 30, 1.0 / 30}},
      {{.temperature = 0.5, .top_k = 3, .stop = {}}, {}, {16.0 / 29, 9.0 / 29, 4.0 / 29, 0.0}},
      // Of p itself 0.8 would need three tokens; of the squares two hold 25/30.
      {{.temperature = 0.5, .top_p = 0.8, .stop = {}}, {}, {16.0 / 25, 9.0 / 25, 0.0, 0.0}},
      // Top-p counts within what top-k left: 16/25 is below 0.65 and 25/30 above it.
      {{.temperature = 0.5, .top_k = 2, .top_p = 0.63, .stop = {}}, {}, {1.0, 0.0, 0.0, 0.0}},
      // log 0.4 is negative: times 2, so 0.4 becomes 0.16, then squared with the rest.
      {{.temperature = 0.5, .repetition_penalty = 2.0, .stop = {}},
       {0, 0},
       {0.0256 / 0.1656, 0.09 / 0.1656, 0.04 / 0.1656, 0.01 / 0.1656}},
  };
  constexpr int count = 20000;
  for (const Case& one : cases) {
    GenerationOptions options = one.options;
    options.seed = 12;
    std::array<int, 4> drawn{};
    for (uint64_t sample = 0; sample < count; ++sample) {
      const int64_t id =
          next_token(log_of({0.4, 0.3, 0.2, 0.1}), one.seen, options, sample_stream(options.seed, sample), 3);
      ++drawn[static_cast<size_t>(id)];
    }
    CHECK(chi_square(drawn, one.expected, count) < 16.27);  // 0.999 quantile at three degrees of freedom
  }
}

TEST_CASE("draws differ between seeds, samples and steps, and repeat for the same") {
  const auto draws = [](uint64_t seed, uint64_t sample, int64_t first_step) {
    GenerationOptions options;
    options.temperature = 1.0;
    std::vector<int64_t> ids;
    for (int64_t step = first_step; step < first_step + 40; ++step) {
      ids.push_back(next_token(Scores(50, 0.0f), {}, options, sample_stream(seed, sample), step));
    }
    return ids;
  };
  CHECK(draws(1, 1, 0) == draws(1, 1, 0));
  CHECK(draws(1, 1, 0) != draws(2, 1, 0));
  CHECK(draws(1, 1, 0) != draws(1, 2, 0));
  CHECK(draws(1, 1, 0) != draws(1, 1, 1));
}

}  // namespace
