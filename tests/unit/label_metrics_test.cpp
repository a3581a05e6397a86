// F1 as scikit-learn has it, and labelled texts as rows hold them.
#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

#include "data_fixture.h"
#include "datasets/labelled_text/labelled_text_dataset.h"
#include "metrics/f1/label_counts.h"
#include "peft/error.h"

using namespace peft;
using namespace peft::test;
using peft::f1::Average;
using peft::f1::LabelCounts;
using peft::labelled_text::LabelledTextDataset;

namespace {

LabelCounts counts_of(const std::vector<int64_t>& labels, const std::vector<int64_t>& predicted) {
  LabelCounts counts;
  for (size_t i = 0; i < labels.size(); ++i) counts.add(labels[i], predicted[i]);
  return counts;
}

const LabelledText& labelled(const Example& example) {
  return std::get<LabelledText>(example.content);
}

}  // namespace

// The figures are those of scikit-learn 1.9's f1_score.
TEST_CASE("F1 over labels that are predicted and never true, and the other way round") {
  const LabelCounts counts = counts_of({0, 0, 0, 0, 1, 1, 1, 2, 2, 4}, {0, 0, 1, 3, 1, 1, 2, 2, 0, 0});
  CHECK(counts.f1(Average::macro) == Approx(0.3333333333333333).epsilon(1e-14));
  CHECK(counts.f1(Average::micro) == Approx(0.5).epsilon(1e-14));
  CHECK(counts.f1(Average::weighted) == Approx(0.5).epsilon(1e-14));
  CHECK_THROWS_WITH(counts.f1(Average::binary), Catch::Contains("label 4") && Catch::Contains("macro"));
}

TEST_CASE("F1 of two labels, each average another figure") {
  const LabelCounts counts = counts_of({0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, {0, 0, 0, 0, 1, 1, 1, 1, 1, 0});
  CHECK(counts.f1(Average::binary) == Approx(0.6666666666666666).epsilon(1e-14));
  CHECK(counts.f1(Average::macro) == Approx(0.696969696969697).epsilon(1e-14));
  CHECK(counts.f1(Average::micro) == Approx(0.7).epsilon(1e-14));
  CHECK(counts.f1(Average::weighted) == Approx(0.7030303030303029).epsilon(1e-14));
  CHECK(counts_of({0, 1}, {0, 0}).f1(Average::binary) == 0.0);
  CHECK(counts_of({0, 0}, {0, 0}).f1(Average::binary) == 0.0);
  CHECK(std::isnan(LabelCounts().f1(Average::macro)));
}

TEST_CASE("Labels are numbers, in CSV files too, or names in an order the recipe says") {
  const Collected numbers =
      read(LabelledTextDataset({}),
           {R"({"text": "a", "label": 2})", R"({"text": "b", "label": "1"})", R"({"text": "", "label": 0})"});
  REQUIRE(numbers.examples.size() == 2);
  CHECK(labelled(numbers.examples[0]).label == 2);
  CHECK(labelled(numbers.examples[1]).label == 1);
  CHECK(labelled(numbers.examples[1]).text == "b");
  CHECK(numbers.counts.of("rows with an empty text") == 1);

  const LabelledTextDataset named({.labels = {"neg", "pos", "5"}});
  const Collected names = read(named, {R"({"text": "a", "label": "pos"})", R"({"text": "b", "label": "neg"})",
                                       R"({"text": "c", "label": 5})"});
  CHECK(labelled(names.examples.at(0)).label == 1);
  CHECK(labelled(names.examples.at(1)).label == 0);
  CHECK(labelled(names.examples.at(2)).label == 2);
}

TEST_CASE("What is no label is named by row, with what was expected") {
  const std::string good = R"({"text": "a", "label": 0})";
  CHECK_THROWS_WITH(
      read(LabelledTextDataset({}), {good, R"({"text": "a", "label": "pos"})"}),
      Catch::Contains("rows.jsonl:2: error: found 'pos'") && Catch::Contains("data.labels: [NAME, NAME]"));
  CHECK_THROWS_WITH(read(LabelledTextDataset({}), {R"({"text": "a", "label": -1})"}),
                    Catch::Contains("found -1"));
  CHECK_THROWS_WITH(
      read(LabelledTextDataset({.labels = {"neg", "pos"}}), {R"({"text": "a", "label": "po"})"}),
      Catch::Contains("found 'po'") && Catch::Contains("neg, pos"));
  CHECK_THROWS_WITH(read(LabelledTextDataset({}), {R"({"text": 1, "label": 0})"}),
                    Catch::Contains("expected text"));
  CHECK_THROWS_AS(LabelledTextDataset({.labels = {"a", "a"}}), UsageError);
}
