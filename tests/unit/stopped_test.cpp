#include <catch2/catch.hpp>
#include <cmath>

#include "peft/answer_endings.h"
#include "peft/metric.h"
#include "support/plugin_components.h"

namespace {

std::unique_ptr<peft::Metric> stopped() {
  return peft::test::components_of(peft_plugin_info())
      .metrics.at("stopped")
      .create(peft::Value(peft::Value::Map()));
}

TEST_CASE("the share of answers that stop is of those whose ending was told") {
  const auto metric = stopped();
  CHECK(metric->needs().generation);
  auto* endings = peft::query<peft::AnswerEndings>(*metric);
  REQUIRE(endings != nullptr);
  CHECK(std::isnan(metric->figures()[0].value));
  for (const bool one : {true, false, true, true}) {
    metric->add({});
    endings->add_ending(one);
  }
  REQUIRE(metric->figures().size() == 1);
  CHECK(metric->figures()[0].name == "stopped");
  CHECK(metric->figures()[0].value == 0.75);
  CHECK_FALSE(metric->figures()[0].lower_is_better);
}

TEST_CASE("a metric that counts endings has no other capability") {
  CHECK(stopped()->query("peft.something_else.1") == nullptr);
}

}  // namespace
