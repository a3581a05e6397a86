// Dataset plugins on files with the schemas of the hub's repositories.
#include <catch2/catch.hpp>

#include "datasets/awesome_prompts/awesome_prompts_dataset.h"
#include "datasets/chatbot_arena/chatbot_arena_dataset.h"
#include "datasets/imdb/imdb_dataset.h"
#include "datasets/preferences/preferences_dataset.h"
#include "parquet_fixture.h"
#include "peft/row_dataset.h"
#include "unit/datasets/dataset_fixture.h"

using arrow::field;
using peft::test::examples_of;
using peft::test::Lines;
using peft::test::said;

namespace {

Lines examples(const peft::Dataset& dataset, const peft::DatasetDescriptor& descriptor,
               const std::vector<ParquetColumn>& columns) {
  TemporaryFolder folder;
  const auto file = write_parquet(folder.path / "train-00000-of-00001.parquet", columns);
  Lines all;
  for (const auto& example : examples_of(dataset, descriptor, file).examples) all.push_back(said(example));
  return all;
}

}  // namespace

TEST_CASE("stanfordnlp/imdb: text and an int64 label") {
  CHECK(examples(peft::imdb::ImdbDataset({}), peft::imdb::descriptor(),
                 {{"text", arrow::utf8(), R"(["Bad.<br />So bad.", "007", "NA"])"},
                  {"label", arrow::int64(), "[0, 1, 1]"}}) ==
        Lines{"Bad.\nSo bad. = 0", "007 = 1", "NA = 1"});
}

TEST_CASE("fka/awesome-chatgpt-prompts: act, prompt and what came later") {
  CHECK(examples(peft::awesome_prompts::AwesomePromptsDataset({}), peft::awesome_prompts::descriptor(),
                 {{"act", arrow::utf8(), R"(["Rapper"])"},
                  {"prompt", arrow::utf8(), R"(["I want you to act as a rapper."])"},
                  {"for_devs", arrow::boolean(), "[false]"},
                  {"type", arrow::utf8(), R"(["TEXT"])"}}) == Lines{"I want you to act as a rapper."});
}

TEST_CASE("lmsys/chatbot_arena_conversations: conversations are lists of {content, role}") {
  const auto turns =
      arrow::list(arrow::struct_({field("content", arrow::utf8()), field("role", arrow::utf8())}));
  const auto flags = arrow::struct_({field("flagged", arrow::boolean()), field("score", arrow::float64())});
  const std::string asked = R"({"content": "Hi?", "role": "user"}, )";
  const std::vector<ParquetColumn> battles = {
      {"question_id", arrow::utf8(), R"(["q1", "q2"])"},
      {"model_a", arrow::utf8(), R"(["x", "x"])"},
      {"model_b", arrow::utf8(), R"(["y", "y"])"},
      {"winner", arrow::utf8(), R"x(["model_b", "tie (bothbad)"])x"},
      {"judge", arrow::utf8(), R"(["arena_user_1", "arena_user_2"])"},
      {"conversation_a", turns,
       "[[" + asked + R"({"content": "A.", "role": "assistant"}], [)" + asked +
           R"({"content": "", "role": "assistant"}]])"},
      {"conversation_b", turns,
       "[[" + asked + R"({"content": "B.", "role": "assistant"}], [)" + asked +
           R"({"content": "", "role": "assistant"}]])"},
      {"turn", arrow::int64(), "[1, 1]"},
      {"anony", arrow::boolean(), "[true, true]"},
      {"language", arrow::utf8(), R"(["English", "German"])"},
      {"tstamp", arrow::float64(), "[1682351591.0, 1682351592.5]"},
      {"openai_moderation", flags, R"([{"flagged": false, "score": 0.5}, null])"}};
  const auto with = [&](const peft::chatbot_arena::ChatbotArenaOptions& options) {
    return examples(peft::chatbot_arena::ChatbotArenaDataset(options), peft::chatbot_arena::descriptor(),
                    battles);
  };
  CHECK(with({}) == Lines{"u:Hi? a:B."});
  CHECK(with({.sides = "both", .language = {"English"}}) == Lines{"u:Hi? a:A.", "u:Hi? a:B."});
  CHECK(with({.sides = "a", .language = {"German"}}) == Lines{"u:Hi? a:"});
  CHECK(with({.sides = "a", .language = {"Latin"}}).empty());
}

TEST_CASE("HuggingFaceH4/ultrafeedback_binarized: whole conversations beside the prompt that begins them") {
  const auto turns =
      arrow::list(arrow::struct_({field("content", arrow::utf8()), field("role", arrow::utf8())}));
  const std::string asked = R"([[{"content": "Sky?", "role": "user"}, )";
  CHECK(examples(peft::preferences::PreferencesDataset({}), peft::preferences::descriptor(),
                 {{"prompt", arrow::utf8(), R"(["Sky?"])"},
                  {"prompt_id", arrow::utf8(), R"(["f0"])"},
                  {"chosen", turns, asked + R"({"content": "Blue.", "role": "assistant"}]])"},
                  {"rejected", turns, asked + R"({"content": "Green.", "role": "assistant"}]])"},
                  {"score_chosen", arrow::float64(), "[8.5]"}}) == Lines{"u:Sky? | Blue. | Green."});
}

TEST_CASE("The real IMDb file of the hub's layout reads whole") {
  const auto file =
      peft::test::real_data("hub_layout/datasets/stanfordnlp/imdb/plain_text/test-00000-of-00001.parquet");
  if (!file) return;
  const auto list = examples_of(peft::imdb::ImdbDataset({}), peft::imdb::descriptor(), *file);
  CHECK(static_cast<int64_t>(list.examples.size()) == list.rows);
  for (const auto& example : list.examples) {
    const auto& review = std::get<peft::LabelledText>(example.content);
    if (review.text.find("<br />") != std::string::npos) FAIL("a line break of a web page is left");
  }
}
