#include "evaluate/sampling.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <numeric>
#include <set>

#include "peft/error.h"

namespace {

using namespace peft::host;

using Numbers = std::vector<float>;

constexpr float gone = -std::numeric_limits<float>::infinity();

Numbers log_of(std::initializer_list<double> probabilities) {
  Numbers scores;
  for (const double p : probabilities) scores.push_back(static_cast<float>(std::log(p)));
  return scores;
}

std::set<size_t> kept(const Numbers& scores) {
  std::set<size_t> ids;
  for (size_t id = 0; id < scores.size(); ++id) {
    if (scores[id] != gone) ids.insert(id);
  }
  return ids;
}

int64_t chosen_of(Numbers scores, const std::vector<int64_t>& seen, const GenerationOptions& options,
                  const peft::RandomStream& sample, int64_t step) {
  return next_token(scores, seen, options, sample, step);
}

int64_t place_in(Numbers scores, double place) {
  return token_at(scores, place);
}

// Of a vocabulary's size, with ties.
Numbers many_scores(uint64_t seed, size_t count) {
  const peft::RandomStream stream(seed);
  Numbers scores;
  for (size_t id = 0; id < count; ++id)
    scores.push_back(static_cast<float>(stream.block(id)[0] % 4000) / 500.0f);
  return scores;
}

// Ids from the likeliest on; of equals, lower ones first.
std::vector<size_t> by_score(const Numbers& scores) {
  std::vector<size_t> ids(scores.size());
  std::iota(ids.begin(), ids.end(), size_t{0});
  std::stable_sort(ids.begin(), ids.end(), [&](size_t a, size_t b) { return scores[a] > scores[b]; });
  return ids;
}

TEST_CASE("repetition penalty divides positive scores, multiplies negative ones, and each once") {
  Numbers scores = {2.0f, -2.0f, 3.0f, 0.0f, 1.0f};
  penalize_repetition(scores, {0, 1, 1, 0, 3, 0}, 2.0);
  CHECK(scores == Numbers{1.0f, -4.0f, 3.0f, 0.0f, 1.0f});
  penalize_repetition(scores, {2}, 1.0);
  CHECK(scores[2] == 3.0f);
}

TEST_CASE("top-k removes what is below the k-th best score, and keeps its ties") {
  Numbers scores = {1.0f, 5.0f, 3.0f, 3.0f, 2.0f};
  keep_top_k(scores, 2);
  CHECK(scores == Numbers{gone, 5.0f, 3.0f, 3.0f, gone});
  Numbers all = {1.0f, 2.0f};
  keep_top_k(all, 0);
  keep_top_k(all, 9);
  CHECK(all == Numbers{1.0f, 2.0f});
}

TEST_CASE("top-p keeps the smallest set that sums to at least p, and never nothing") {
  const auto kept_at = [](double p) {
    Numbers scores = log_of({0.1, 0.5, 0.15, 0.25});
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
  Numbers scores = {1.0f, 1.0f, 1.0f, 1.0f, gone};
  keep_top_p(scores, 0.4);
  CHECK(kept(scores) == std::set<size_t>{0, 1});
  CHECK(scores[0] == 1.0f);
}

TEST_CASE("of many scores, top-k and top-p keep what sorting all of them keeps") {
  for (uint64_t seed = 0; seed < 5; ++seed) {
    const Numbers all = many_scores(seed, 3001);
    const std::vector<size_t> order = by_score(all);
    double total = 0.0;
    for (const float score : all) total += std::exp(double{score});
    for (const double p : {0.001, 0.3, 0.9, 0.999, 0.9999999}) {
      Numbers scores = all;
      keep_top_p(scores, p);
      std::set<size_t> expected;
      double sum = 0.0;
      for (size_t i = 0; i < order.size() && sum < p * total; ++i) {
        expected.insert(order[i]);
        sum += std::exp(double{all[order[i]]});
      }
      CHECK(kept(scores) == expected);
    }
    for (const int64_t k : {1, 2, 50, 2999, 3000}) {
      Numbers scores = all;
      keep_top_k(scores, k);
      const float least = all[order[static_cast<size_t>(k - 1)]];
      const auto wanted = std::count_if(all.begin(), all.end(), [=](float score) { return score >= least; });
      CHECK(kept(scores).size() == static_cast<size_t>(wanted));
      CHECK(*std::min_element(scores.begin(), scores.end(), [](float a, float b) {
        return (a == gone ? 1e9f : a) < (b == gone ? 1e9f : b);
      }) == least);
    }
    Numbers greedy = all;
    CHECK(static_cast<size_t>(best_token(greedy)) == order.front());
  }
}

TEST_CASE("greedy decoding takes the best token, the first of equals, after the penalty") {
  const peft::RandomStream stream = sample_stream(0, 0);
  GenerationOptions options;
  CHECK(chosen_of({1.0f, 4.0f, 4.0f, 2.0f}, {}, options, stream, 0) == 1);
  options.repetition_penalty = 2.0;
  CHECK(chosen_of({1.0f, 4.0f, 3.0f, 2.0f}, {1}, options, stream, 0) == 2);
}

TEST_CASE("scores that are not numbers are an error, not a token") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  CHECK_THROWS_AS(chosen_of({1.0f, nan}, {}, {}, sample_stream(0, 0), 0), peft::Error);
  for (const size_t place : {0, 15, 16, 31, 36}) {
    Numbers scores(37, 1.0f);
    scores[place] = nan;
    CHECK_THROWS_AS(chosen_of(scores, {}, {}, sample_stream(0, 0), 0), peft::Error);
  }
}

TEST_CASE("a place in [0, 1) leads to the token whose share of it covers the place") {
  Numbers scores = log_of({0.25, 0.5, 0.25});
  CHECK(token_at(scores, 0.0) == 0);
  CHECK(token_at(scores, 0.2499) == 0);
  CHECK(token_at(scores, 0.2501) == 1);
  CHECK(token_at(scores, 0.7499) == 1);
  CHECK(token_at(scores, 0.7501) == 2);
  CHECK(token_at(scores, 0.9999999) == 2);
  CHECK(place_in({gone, 0.0f, gone}, 0.0) == 1);
  CHECK(place_in({0.0f, gone, gone}, std::nextafter(1.0, 0.0)) == 0);
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
          chosen_of(log_of({0.4, 0.3, 0.2, 0.1}), one.seen, options, sample_stream(options.seed, sample), 3);
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
      ids.push_back(chosen_of(Numbers(50, 0.0f), {}, options, sample_stream(seed, sample), step));
    }
    return ids;
  };
  CHECK(draws(1, 1, 0) == draws(1, 1, 0));
  CHECK(draws(1, 1, 0) != draws(2, 1, 0));
  CHECK(draws(1, 1, 0) != draws(1, 2, 0));
  CHECK(draws(1, 1, 0) != draws(1, 1, 1));
}

TEST_CASE("extreme temperatures and penalties lead to a token, never beyond what a float holds") {
  const Numbers all_negative = {-3.0f, -1.0f, -2.0f};
  for (const double temperature : {1e-3, 1e-39, 1e-50}) {
    GenerationOptions options;
    options.temperature = temperature;
    for (const double p : {1.0, 0.5}) {
      options.top_p = p;
      CHECK(chosen_of(all_negative, {}, options, sample_stream(1, 1), 0) == 1);
      CHECK(chosen_of({3.0f, 70.0f, 2.0f}, {}, options, sample_stream(1, 1), 0) == 1);
    }
  }
  GenerationOptions options;
  options.temperature = 1.0;
  for (const double penalty : {1e-45, 1e38}) {
    options.repetition_penalty = penalty;
    const int64_t id = chosen_of({2.0f, -2.0f, 1.0f}, {0, 1}, options, sample_stream(1, 1), 0);
    CHECK((id >= 0 && id < 3));
  }
}

}  // namespace
