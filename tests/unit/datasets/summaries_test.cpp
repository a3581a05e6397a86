#include "datasets/summaries/summaries_dataset.h"

#include "dataset_fixture.h"

using namespace peft::test;
using peft::summaries::SummariesDataset;

TEST_CASE("Summaries: a document and its summary") {
  CHECK(said(read(SummariesDataset(), {R"({"document": "Long.", "summary": "Short."})"})) ==
        Lines{"Long. -> Short."});
}

TEST_CASE("Summaries: empty sides are counted, other things than texts refused") {
  const Collected rows = read(SummariesDataset(),
                              {R"({"document": "", "summary": "x"})", R"({"document": "x", "summary": ""})"});
  CHECK(rows.examples.empty());
  CHECK(rows.counts.of("rows with an empty document") == 1);
  CHECK(rows.counts.of("rows with an empty summary") == 1);
  CHECK_THROWS_WITH(read(SummariesDataset(), {R"({"document": ["x"], "summary": "x"})"}),
                    Catch::Contains("rows.jsonl:1: error: found list in the column 'document'"));
}

TEST_CASE("Summaries: real articles and dialogues under the names they have there") {
  const auto folder = real_data("summarization");
  if (!folder) return;
  const auto from = [&](const char* file, const char* document) {
    return examples_of(SummariesDataset(), peft::summaries::descriptor(), *folder / file,
                       {{"document", document}});
  };
  const auto source = [](const auto& example) {
    return std::get<peft::SourceTarget>(example.content).source;
  };
  const auto news = from("bbc_news_summary.csv", "article");
  CHECK(news.rows == 2225);
  CHECK(from("dialogsum.dev.jsonl", "dialogue").examples.size() == 500);
  const SplitExamples parts = split(news, 0.1);
  CHECK(common(parts.validation, parts.train, source) == 0);
  CHECK_THROWS_WITH(from("bbc_news_summary.csv", "artikel"),
                    Catch::Contains("found the columns category, file, article, summary") &&
                        Catch::Contains("did you mean 'article'"));
}
