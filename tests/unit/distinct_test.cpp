#include <catch2/catch.hpp>
#include <cmath>

#include "metric_fixture.h"

using namespace peft::test;

// Li et al. 2016: different n-grams of all answers, divided by their words.
TEST_CASE("Distinct-1 and distinct-2 count different words and pairs over all answers together") {
  const auto metric = metric_of("distinct");
  CHECK(metric->needs().generation);
  metric->add(generated("the cat saw the cat", "whatever"));  // the, cat, saw; the cat, cat saw, saw the
  metric->add(generated("the dog", ""));                      // dog; the dog
  CHECK(figure(*metric, "distinct_1") == Approx(4.0 / 7.0).epsilon(1e-15));
  CHECK(figure(*metric, "distinct_2") == Approx(4.0 / 7.0).epsilon(1e-15));
}

TEST_CASE("No pair reaches from one answer into the next, and case and punctuation count") {
  const auto metric = metric_of("distinct");
  for (int i = 0; i < 3; ++i) metric->add(generated("a", ""));
  CHECK(figure(*metric, "distinct_1") == Approx(1.0 / 3.0).epsilon(1e-15));
  CHECK(figure(*metric, "distinct_2") == 0.0);
  metric->add(generated("A a. \u3000a\n", ""));
  CHECK(figure(*metric, "distinct_1") == Approx(3.0 / 6.0).epsilon(1e-15));
  CHECK(figure(*metric, "distinct_2") == Approx(2.0 / 6.0).epsilon(1e-15));
}

TEST_CASE("Answers without a word have no variety, not even none") {
  const auto metric = metric_of("distinct");
  metric->add(generated("", "reference"));
  metric->add(generated(" \n", "reference"));
  CHECK(std::isnan(figure(*metric, "distinct_1")));
  CHECK(std::isnan(figure(*metric, "distinct_2")));
}
