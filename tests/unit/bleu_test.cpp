#include <catch2/catch.hpp>
#include <cmath>
#include <cstdio>
#include <string>

#include "base/json.h"
#include "metrics/bleu/corpus_bleu.h"
#include "metrics/bleu/tokenizer_13a.h"
#include "peft/metric.h"
#include "support/plugin_components.h"

namespace {

using peft::Value;

const Value::List& reference() {
  static const Value corpora = peft::host::read_json_file(PEFT_BLEU_TEST_DATA "/reference.json");
  return corpora.as_list();
}

// As sacrebleu prints a score.
std::string printed(double score) {
  std::string text(32, '\0');
  text.resize(static_cast<size_t>(std::snprintf(text.data(), text.size(), "%.2f", score)));
  return text;
}

std::unique_ptr<peft::Metric> bleu() {
  return peft::test::components_of(peft_plugin_info()).metrics.at("bleu").create(Value::Map());
}

peft::Measured generated(std::string prediction, std::string answer) {
  peft::Measured measured;
  measured.prediction = std::move(prediction);
  measured.reference = std::move(answer);
  return measured;
}

TEST_CASE("the 13a tokeniser finds the words that sacrebleu finds") {
  for (const Value& corpus : reference()) {
    INFO(corpus.at("name").as_text());
    const Value::List& pairs = corpus.at("pairs").as_list();
    for (size_t i = 0; i < pairs.size(); ++i) {
      Value::List words;
      for (const std::string& word : peft::bleu::tokenize_13a(pairs[i].as_list()[0].as_text()))
        words.emplace_back(word);
      CHECK(Value(words) == corpus.at("words").as_list()[i]);
    }
  }
}

TEST_CASE("corpus BLEU is sacrebleu's to the last printed digit") {
  REQUIRE(reference().size() > 20);
  for (const Value& corpus : reference()) {
    INFO(corpus.at("name").as_text());
    peft::bleu::Statistics statistics;
    for (const Value& pair : corpus.at("pairs").as_list()) {
      statistics.add(pair.as_list()[0].as_text(), pair.as_list()[1].as_text());
    }
    const double expected = corpus.at("score").as_number();
    CHECK(printed(peft::bleu::score(statistics)) == printed(expected));
    CHECK(peft::bleu::score(statistics) == Approx(expected).epsilon(1e-12).margin(1e-12));
  }
}

TEST_CASE("the metric gives BLEU on both scales, and says how it was computed") {
  const auto metric = bleu();
  CHECK(metric->needs().generation);
  CHECK_FALSE(metric->needs().likelihood);
  metric->add(generated("the film was long, but good", "the film was long, but worth it"));
  const std::vector<peft::Figure> figures = metric->figures();
  REQUIRE(figures.size() == 2);
  CHECK(figures[0].name == "bleu");
  CHECK(figures[0].value > 1.0);
  CHECK_FALSE(figures[0].lower_is_better);
  CHECK(figures[1].name == "bleu_fraction");
  CHECK(figures[1].value == Approx(figures[0].value / 100));
  CHECK(metric->signature() == "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0");
}

TEST_CASE("BLEU of no example has no meaning, of an empty prediction it is zero") {
  CHECK(std::isnan(bleu()->figures()[0].value));
  const auto metric = bleu();
  metric->add(generated("", "an answer of five words"));
  CHECK(metric->figures()[0].value == 0.0);
}

}  // namespace
