#include "datasets/awesome_prompts/awesome_prompts_dataset.h"

#include "dataset_fixture.h"

using namespace peft::test;
using peft::awesome_prompts::AwesomePromptsDataset;

namespace {

const std::string rapper = R"({"act": "Rapper", "prompt": "I want you to act as a rapper."})";

}  // namespace

TEST_CASE("Awesome prompts: the prompt is a text; an empty one is counted") {
  const Collected read_rows = read(AwesomePromptsDataset({}), {rapper, R"({"act": "Poet", "prompt": ""})"});
  CHECK(said(read_rows) == Lines{"I want you to act as a rapper."});
  CHECK(read_rows.counts.of("rows with an empty prompt") == 1);
}

TEST_CASE("Awesome prompts: as a conversation the user asks for an act, and acts are groups") {
  const AwesomePromptsDataset dataset({.examples = "conversation", .question = "Be {act}!"});
  const Collected read_rows = read(
      dataset, {rapper, R"({"act": "Rapper", "prompt": "Rap."})", R"({"act": "", "prompt": "Anything."})"});
  CHECK(said(read_rows) == Lines{"u:Be Rapper! a:I want you to act as a rapper.", "u:Be Rapper! a:Rap."});
  CHECK(read_rows.examples[0].group == read_rows.examples[1].group);
  CHECK(read_rows.counts.of("rows with an empty act") == 1);
}

TEST_CASE("Awesome prompts: a question with other braces than those of the act is refused") {
  CHECK_THROWS_WITH(AwesomePromptsDataset({.question = "Be {akt}!"}),
                    Catch::Contains("'question' is 'Be {akt}!', expected no braces but those of {act}"));
  CHECK_THROWS_AS(AwesomePromptsDataset({.question = "Be {act} and {other}!"}), peft::UsageError);
}

TEST_CASE("Awesome prompts: every row of the real files, with quotes over many lines") {
  const auto folder = real_data("awesome_prompts");
  if (!folder) return;
  const auto texts = [&](const char* file) {
    return examples_of(AwesomePromptsDataset({}), peft::awesome_prompts::descriptor(), *folder / file);
  };
  CHECK(texts("prompts_2025-01-06.csv").examples.size() == 170);
  const auto latest = texts("prompts_latest_under4MiB.csv");
  CHECK(latest.rows == 1529);
  const SplitExamples parts = split(latest, 0.1);
  CHECK(common(parts.validation, parts.train, [](const auto& example) { return said(example); }) == 0);
}
