#include "datasets/imdb/imdb_dataset.h"

#include <algorithm>

#include "dataset_fixture.h"
#include "datasets/imdb/first_sentences.h"
#include "datasets/imdb/line_breaks.h"

using namespace peft::test;
using peft::imdb::ImdbDataset;
using peft::imdb::replace_line_breaks;

namespace {

std::string row(const std::string& label, const std::string& text = "Fine.") {
  return R"({"text": ")" + text + R"(", "label": )" + label + "}";
}

int64_t label_of(const peft::Example& example) {
  return std::get<peft::LabelledText>(example.content).label;
}

}  // namespace

TEST_CASE("IMDb: a label is a number or a name") {
  for (const std::string label : {"0", "\"0\"", "\"neg\"", "\"negative\""})
    CHECK(said(read(ImdbDataset({}), {row(label)})) == Lines{"Fine. = 0"});
  for (const std::string label : {"1", "\"1\"", "\"pos\"", "\"positive\""})
    CHECK(said(read(ImdbDataset({}), {row(label)})) == Lines{"Fine. = 1"});
}

TEST_CASE("IMDb: any other label is refused by name, and reviews without labels need `examples: text`") {
  CHECK_THROWS_WITH(
      read(ImdbDataset({}), {row("1"), row("\"good\"")}),
      Catch::Contains(
          "rows.jsonl:2: error: found 'good' in the column 'label', expected 0, neg or negative"));
  CHECK_THROWS_WITH(read(ImdbDataset({}), {row("2")}), Catch::Contains("found 2 in the column 'label'"));
  CHECK_THROWS_WITH(read(ImdbDataset({}), {row("-1")}), Catch::Contains("data.examples: text"));
  CHECK_THROWS_WITH(read(ImdbDataset({}), {row("null")}), Catch::Contains("found null"));
  CHECK_THROWS_WITH(read(ImdbDataset({}), {R"({"text": "Fine."})"}),
                    Catch::Contains("found no column 'label'"));
  CHECK(said(read(ImdbDataset({.examples = "text"}), {row("-1"), R"({"text": "Good."})"})) ==
        Lines{"Fine.", "Good."});
}

TEST_CASE("IMDb: as a conversation the user asks for a review that praises or does not") {
  const Collected asked = read(ImdbDataset({.examples = "conversation"}), {row("1"), row("0", "Bad.")});
  CHECK(said(asked) ==
        Lines{"u:Write a positive film review. a:Fine.", "u:Write a negative film review. a:Bad."});
  CHECK(asked.examples[0].group != asked.examples[1].group);
  CHECK_THROWS_AS(ImdbDataset({.question = "Write a {lable} review."}), peft::UsageError);
}

TEST_CASE("IMDb: a review that stands there twice is one group, whatever its label") {
  for (const std::string examples : {"text", "labelled_text", "conversation"}) {
    const TemporaryFolder folder;
    const auto file = folder.write("a.jsonl", row("1") + "\n" + row("0") + "\n" + row("1", "Else.") + "\n");
    const auto list = examples_of(ImdbDataset({.examples = examples}), peft::imdb::descriptor(), file);
    CHECK(list.examples.at(0).group == list.examples.at(1).group);
    CHECK(list.examples.at(0).group != list.examples.at(2).group);
  }
}

TEST_CASE("IMDb: line breaks of web pages become lines, spaces, or stay") {
  const std::string text = "One.<br /><br />Two<BR>Three<br/>4 < 5 <b>bold</b> <br";
  const auto with = [&](const std::string& choice) {
    return said(read(ImdbDataset({.examples = "text", .line_breaks = choice}), {row("1", text)})).at(0);
  };
  CHECK(with("newline") == "One.\n\nTwo\nThree\n4 < 5 <b>bold</b> <br");
  CHECK(with("space") == "One.  Two Three 4 < 5 <b>bold</b> <br");
  CHECK(with("keep") == text);
  CHECK(replace_line_breaks("<br />", "").empty());
  CHECK(replace_line_breaks("<<br >", "/") == "</");
}

TEST_CASE("IMDb: reviews of one label alone, as texts too") {
  const Lines rows = {row("1"), row("0", "Bad."), row("1", "Good.")};
  const Collected praise = read(ImdbDataset({.examples = "text", .only = "positive"}), rows);
  CHECK(said(praise) == Lines{"Fine.", "Good."});
  CHECK(praise.counts.of("reviews with the other label") == 1);
  CHECK(said(read(ImdbDataset({.only = "negative"}), rows)) == Lines{"Bad. = 0"});
  CHECK_THROWS_WITH(read(ImdbDataset({.examples = "text", .only = "positive"}), {R"({"text": "x"})"}),
                    Catch::Contains("found no column 'label'"));
}

TEST_CASE("IMDb: long reviews end where a sentence does, so that their question stays in front of them") {
  const std::string text = R"(One two. \"Three four!\" Five six seven.)";
  const auto with = [&](int64_t words) {
    return read(ImdbDataset({.examples = "text", .max_words = words}), {row("1", text)});
  };
  CHECK(said(with(7)) == Lines{"One two. \"Three four!\" Five six seven."});
  CHECK(with(7).counts.of("reviews cut after data.max_words") == 0);
  CHECK(said(with(6)) == Lines{"One two. \"Three four!\""});
  CHECK(said(with(4)) == Lines{"One two. \"Three four!\""});
  CHECK(said(with(3)) == Lines{"One two."});
  CHECK(said(with(1)) == Lines{"One"});
  CHECK(with(1).counts.of("reviews cut after data.max_words") == 1);
  CHECK(peft::imdb::first_sentences("word ", 1) == "word ");
  CHECK(peft::imdb::first_sentences("", 1).empty());
}

TEST_CASE("IMDb: what looks like a number or a missing value stays a text") {
  const TemporaryFolder folder;
  const auto file = folder.write("a.csv", "text,label\n007,1\nNA,0\nnull,0\n1e3,1\n");
  Lines found;
  for (const auto& example : examples_of(ImdbDataset({}), peft::imdb::descriptor(), file).examples)
    found.push_back(said(example));
  CHECK(found == Lines{"007 = 1", "NA = 0", "null = 0", "1e3 = 1"});
}

TEST_CASE(
    "IMDb: the real file, sorted by label, is split into halves that have both alike and share no review") {
  const auto file = real_data("imdb/imdb_train.csv");
  if (!file) return;
  const auto list = examples_of(ImdbDataset({}), peft::imdb::descriptor(), *file);
  REQUIRE(list.examples.size() == 25000);
  CHECK(label_of(list.examples.front()) != label_of(list.examples.back()));
  CHECK(std::is_sorted(list.examples.begin(), list.examples.end(),
                       [](const auto& a, const auto& b) { return label_of(a) < label_of(b); }));
  for (const int64_t seed : {7, 42}) {
    const SplitExamples parts = split(list, 0.1, seed);
    CHECK(parts.validation.size() == 2500);
    int64_t positive = 0;
    for (const auto& example : parts.validation) positive += label_of(example);
    // Three standard deviations of a fair draw of 2,500.
    CHECK(std::abs(positive - 1250) < 75);
    const auto review = [](const auto& example) {
      return std::get<peft::LabelledText>(example.content).text;
    };
    CHECK(common(parts.validation, parts.train, review) == 0);
  }
}
