#include <catch2/catch.hpp>
#include <cmath>

#include "peft/metric.h"
#include "support/plugin_components.h"

namespace {

std::unique_ptr<peft::Metric> perplexity() {
  return peft::test::components_of(peft_plugin_info())
      .metrics.at("perplexity")
      .create(peft::Value(peft::Value::Map()));
}

peft::Measured scored(double negative_log_likelihood, int64_t tokens) {
  peft::Measured measured;
  measured.negative_log_likelihood = negative_log_likelihood;
  measured.tokens = tokens;
  return measured;
}

TEST_CASE("perplexity weighs every token the same, whatever text it stands in") {
  const auto metric = perplexity();
  CHECK(metric->needs().likelihood);
  CHECK_FALSE(metric->needs().generation);
  metric->add(scored(1 * std::log(2.0), 1));
  metric->add(scored(3 * std::log(32.0), 3));
  REQUIRE(metric->figures().size() == 1);
  CHECK(metric->figures()[0].name == "perplexity");
  CHECK(metric->figures()[0].value == Approx(16.0).epsilon(1e-12));  // 2^((1 + 3·5) / 4), not (2 + 32) / 2
  CHECK(metric->figures()[0].lower_is_better);
}

TEST_CASE("perplexity of a uniform guess is the size of the vocabulary") {
  const auto metric = perplexity();
  for (int i = 0; i < 10; ++i) metric->add(scored(7 * std::log(50257.0), 7));
  CHECK(metric->figures()[0].value == Approx(50257.0).epsilon(1e-12));
}

TEST_CASE("perplexity without a scored token has no meaning") {
  const auto metric = perplexity();
  CHECK(std::isnan(metric->figures()[0].value));
  metric->add(scored(0.0, 0));  // a text of one token
  CHECK(std::isnan(metric->figures()[0].value));
}

}  // namespace
