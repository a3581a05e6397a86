#include <catch2/catch.hpp>
#include <cmath>

#include "metric_fixture.h"

using namespace peft;
using namespace peft::test;

namespace {

double chrf(const std::string& prediction, const std::string& reference, int64_t word_order = 0) {
  const auto metric = metric_of("chrf", Value::Map{{"word_order", word_order}});
  metric->add(generated(prediction, reference));
  return figure(*metric, "chrf");
}

double f2(double precision, double recall) {
  return 100 * 5 * precision * recall / (4 * precision + recall);
}

}  // namespace

TEST_CASE("chrF is F2 of the mean precision and recall of character n-grams") {
  // abc in abcd: 1-grams 3/3 of 3/4, 2-grams 2/2 of 2/3, 3-grams 1/1 of 1/2; there is no 4-gram of abc.
  CHECK(chrf("abc", "abcd") == Approx(f2(1.0, (3.0 / 4 + 2.0 / 3 + 1.0 / 2) / 3)).epsilon(1e-14));
  CHECK(chrf("abcd", "abc") == Approx(f2((3.0 / 4 + 2.0 / 3 + 1.0 / 2) / 3, 1.0)).epsilon(1e-14));
  CHECK(chrf("the same", "the same") == Approx(100.0).epsilon(1e-14));
  CHECK(chrf("xyz", "abc") == 0.0);
}

TEST_CASE("White space plays no part in chrF, and a character may have several bytes") {
  CHECK(chrf("a b c", " abc\n") == Approx(100.0).epsilon(1e-14));
  CHECK(chrf("日本", "日本語") == Approx(f2(1.0, (2.0 / 3 + 1.0 / 2) / 2)).epsilon(1e-14));
  CHECK(chrf("👍🏽", "👍") == Approx(f2(0.5, 1.0)).epsilon(1e-14));
}

TEST_CASE("chrF++ counts words too, a punctuation mark at their end or beginning apart") {
  const auto orders_of = [](double characters, double words) { return (characters + words) / 2; };
  // One character order and one word order.
  CHECK(chrf("a", "b", 1) == 0.0);
  CHECK(chrf("a", "a", 1) == Approx(100.0).epsilon(1e-14));
  // a b against ab: all of both character orders, none of the words.
  CHECK(chrf("a b", "ab", 1) == Approx(f2(2.0 / 3, 2.0 / 3)).epsilon(1e-14));
  // "a!" is the words a and ! and so has "a" in common with "a".
  CHECK(chrf("a!", "a", 1) == Approx(f2(orders_of(0.5, 0.5), 1.0)).epsilon(1e-14));
  // A mark on its own is one word. Characters 1 of 2 and 0 of 1, words 1 of 2.
  CHECK(chrf("a !", "! b", 1) == Approx(f2(1.0 / 3, 1.0 / 3)).epsilon(1e-14));
  CHECK(chrf("!a", "a", 1) == Approx(f2(orders_of(0.5, 0.5), 1.0)).epsilon(1e-14));
}

TEST_CASE("Counts are added up over segments, and empty ones are no error") {
  const auto metric = metric_of("chrf");
  metric->add(generated("", ""));
  metric->add(generated("a", ""));  // no n-gram to be compared with
  metric->add(generated("", "b"));
  CHECK(figure(*metric, "chrf") == 0.0);
  metric->add(generated("c", "c"));
  CHECK(figure(*metric, "chrf") == Approx(f2(1.0, 0.5)).epsilon(1e-14));
  CHECK(std::isnan(figure(*metric_of("chrf"), "chrf")));
}

TEST_CASE("The signature is sacrebleu's") {
  CHECK(metric_of("chrf")->signature() == "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:2.6.0");
  CHECK(metric_of("chrf", Value::Map{{"word_order", 2}})->signature() ==
        "nrefs:1|case:mixed|eff:yes|nc:6|nw:2|space:no|version:2.6.0");
}
