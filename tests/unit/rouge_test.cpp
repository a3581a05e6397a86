#include <catch2/catch.hpp>
#include <cmath>
#include <utility>
#include <vector>

#include "metric_fixture.h"
#include "metrics/rouge/porter_stemmer.h"
#include "metrics/rouge/words.h"

using namespace peft;
using namespace peft::test;
using peft::rouge::porter_stem;
using peft::rouge::Words;
using peft::rouge::words_of;

namespace {

double f1(double precision, double recall) {
  return 2 * precision * recall / (precision + recall);
}

std::unique_ptr<Metric> rouge_of(const std::string& answer, const std::string& reference,
                                 bool stemmer = false) {
  auto metric = metric_of("rouge", Value::Map{{"stemmer", stemmer}});
  metric->add(generated(answer, reference));
  return metric;
}

}  // namespace

TEST_CASE("ROUGE-1, -2 and -L are F-measures of words, pairs and the longest common subsequence") {
  const auto metric = rouge_of("the cat the mat", "the cat sat on the mat");
  CHECK(figure(*metric, "rouge1") == Approx(f1(1.0, 4.0 / 6)).epsilon(1e-15));
  CHECK(figure(*metric, "rouge2") == Approx(f1(2.0 / 3, 2.0 / 5)).epsilon(1e-15));
  CHECK(figure(*metric, "rougeL") == Approx(f1(1.0, 4.0 / 6)).epsilon(1e-15));
  // In another order all words are there, but not one after the other.
  const auto turned = rouge_of("mat the cat the", "the cat sat on the mat");
  CHECK(figure(*turned, "rouge1") == Approx(f1(1.0, 4.0 / 6)).epsilon(1e-15));
  CHECK(figure(*turned, "rougeL") == Approx(f1(3.0 / 4, 3.0 / 6)).epsilon(1e-15));
}

TEST_CASE("A word counts as often as both texts have it") {
  const auto metric = rouge_of("the the the cat", "the cat sat");
  CHECK(figure(*metric, "rouge1") == Approx(f1(2.0 / 4, 2.0 / 3)).epsilon(1e-15));
  const auto lines = rouge_of("b d a b\nd b c", "d c\nb a c a\na a");
  CHECK(figure(*lines, "rougeLsum") == Approx(f1(4.0 / 7, 4.0 / 8)).epsilon(1e-15));
}

TEST_CASE("Of several longest common subsequences ROUGE-Lsum takes the one that rouge_score does") {
  const auto metric = rouge_of("d b a\na d d", "a c a d");
  CHECK(figure(*metric, "rougeLsum") == Approx(f1(3.0 / 6, 3.0 / 4)).epsilon(1e-15));
}

TEST_CASE("ROUGE-Lsum takes each line of the reference with all lines of the answer") {
  // Lin 2004, section 3.2: w1 w2 w3 w4 w5 against w1 w2 w6 w7 w8 and w1 w3 w8 w9 w5: four words of five.
  const auto metric = rouge_of("w1 w3 w8 w9 w5\nw1 w2 w6 w7 w8", "w1 w2 w3 w4 w5");
  CHECK(figure(*metric, "rougeLsum") == Approx(f1(4.0 / 10, 4.0 / 5)).epsilon(1e-15));
  CHECK(figure(*metric, "rougeL") == Approx(f1(3.0 / 10, 3.0 / 5)).epsilon(1e-15));
}

TEST_CASE("Scores are means over answers, and what has no word scores nothing") {
  const auto metric = rouge_of("same", "same");
  metric->add(generated("", "a reference"));
  metric->add(generated("an answer", ""));
  metric->add(generated("日本 !?", "日本 !?"));
  for (const char* name : {"rouge1", "rougeL", "rougeLsum"}) CHECK(figure(*metric, name) == 0.25);
  CHECK(figure(*metric, "rouge2") == 0.0);
  CHECK(std::isnan(figure(*metric_of("rouge"), "rouge1")));
}

TEST_CASE("Words are runs of a-z and 0-9 in lower case") {
  CHECK(words_of("It's 3.5 CAFÉS,  naïve_1", false) ==
        Words{"it", "s", "3", "5", "caf", "s", "na", "ve", "1"});
  // In lower case the Kelvin sign is a k, and an I with a dot an i and the dot.
  CHECK(words_of("5\u212am \u0130x", false) == Words{"5km", "i", "x"});
  CHECK(words_of("", false).empty());
}

TEST_CASE("Words are stemmed as Porter's algorithm with NLTK's changes does") {
  // Of each step: Porter's own examples where NLTK follows them, and what NLTK does otherwise.
  const std::vector<std::pair<std::string, std::string>> stems = {{"caresses", "caress"},
                                                                  {"ponies", "poni"},
                                                                  {"ties", "tie"},
                                                                  {"cats", "cat"},
                                                                  {"agreed", "agre"},
                                                                  {"plastered", "plaster"},
                                                                  {"bled", "bled"},
                                                                  {"motoring", "motor"},
                                                                  {"conflated", "conflat"},
                                                                  {"hopping", "hop"},
                                                                  {"falling", "fall"},
                                                                  {"filing", "file"},
                                                                  {"died", "die"},
                                                                  {"spied", "spi"},
                                                                  {"happy", "happi"},
                                                                  {"enjoy", "enjoy"},
                                                                  {"relational", "relat"},
                                                                  {"digitizer", "digit"},
                                                                  {"sensibiliti", "sensibl"},
                                                                  {"geologi", "geolog"},
                                                                  {"formative", "form"},
                                                                  {"goodness", "good"},
                                                                  {"adoption", "adopt"},
                                                                  {"replacement", "replac"},
                                                                  {"controlling", "control"},
                                                                  {"rate", "rate"},
                                                                  {"cease", "ceas"},
                                                                  {"dying", "die"},
                                                                  {"innings", "inning"},
                                                                  {"oed", "o"},
                                                                  {"syzygy", "syzygi"},
                                                                  {"yyyy", "yyyi"}};
  for (const auto& [word, stem] : stems) {
    INFO(word);
    CHECK(porter_stem(word) == stem);
  }
  // Words of three letters or fewer stay.
  CHECK(words_of("has news running", true) == Words{"has", "news", "run"});
  CHECK(figure(*rouge_of("running cats", "run cat", true), "rouge1") == 1.0);
  CHECK(figure(*rouge_of("running cats", "run cat", false), "rouge1") == 0.0);
}
