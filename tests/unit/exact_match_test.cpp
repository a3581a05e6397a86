#include <catch2/catch.hpp>
#include <cmath>

#include "peft/metric.h"
#include "support/plugin_components.h"

namespace {

using peft::Value;

std::unique_ptr<peft::Metric> exact_match(bool ignore_case) {
  return peft::test::components_of(peft_plugin_info())
      .metrics.at("exact_match")
      .create(Value::Map{{"ignore_case", ignore_case}});
}

peft::Measured generated(std::string prediction, std::string answer) {
  peft::Measured measured;
  measured.prediction = std::move(prediction);
  measured.reference = std::move(answer);
  return measured;
}

double share(peft::Metric& metric) {
  REQUIRE(metric.figures().size() == 1);
  CHECK(metric.figures()[0].name == "exact_match");
  CHECK_FALSE(metric.figures()[0].lower_is_better);
  return metric.figures()[0].value;
}

TEST_CASE("an answer matches where it is the reference letter for letter, white space around it aside") {
  const auto metric = exact_match(false);
  CHECK(metric->needs().generation);
  CHECK_FALSE(metric->needs().likelihood);
  metric->add(generated("The bus leaves at 9:40.", "The bus leaves at 9:40."));
  metric->add(generated(" The bus leaves at 9:40.\n", "The bus leaves at 9:40.\t"));
  CHECK(share(*metric) == 1.0);
  metric->add(generated("The bus leaves at 9:45.", "The bus leaves at 9:40."));
  metric->add(generated("The bus leaves  at 9:40.", "The bus leaves at 9:40."));
  metric->add(generated("the bus leaves at 9:40.", "The bus leaves at 9:40."));
  metric->add(generated("The bus leaves at 9:40. Really.", "The bus leaves at 9:40."));
  metric->add(generated("", "The bus leaves at 9:40."));
  metric->add(generated("\n", ""));
  CHECK(share(*metric) == Approx(3.0 / 8.0).epsilon(1e-15));
}

TEST_CASE("an answer in other case matches where the recipe says so, and its signature tells") {
  const auto metric = exact_match(true);
  metric->add(generated("the BUS leaves at 9:40.", "The bus leaves at 9:40."));
  metric->add(generated("the tram leaves at 9:40.", "The bus leaves at 9:40."));
  metric->add(generated("[", "{"));  // as far apart as a letter from its other case
  CHECK(share(*metric) == Approx(1.0 / 3.0).epsilon(1e-15));
  CHECK(metric->signature() != exact_match(false)->signature());
}

TEST_CASE("the share of matches without an answer has no meaning") {
  CHECK(std::isnan(share(*exact_match(false))));
}

}  // namespace
