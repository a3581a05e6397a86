// The plugins conversations and text.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "data_fixture.h"
#include "datasets/conversations/conversations_dataset.h"
#include "datasets/labelled_text/labelled_text_dataset.h"
#include "datasets/text/text_dataset.h"
#include "peft/error.h"
#include "support/example_list.h"
#include "support/temporary_folder.h"

using namespace peft::host;
using namespace peft::test;
using peft::conversations::ConversationsDataset;
using peft::text::TextDataset;

TEST_CASE("A conversation a row, grouped by its id where it has one") {
  const Collected collected = read(
      ConversationsDataset({}),
      {R"({"id": "x", "messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "a"}]})",
       R"({"id": 7, "messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": ""}]})",
       R"({"messages": []})", R"({"messages": [{"role": "assistant", "content": "b"}]})"});
  REQUIRE(collected.examples.size() == 3);
  CHECK(shown(collected.examples[0]) == "s:s u:a");
  CHECK(shown(collected.examples[1]) == "u:a a:");
  CHECK(collected.examples[0].group == "x");
  CHECK(collected.examples[1].group == "7");
  CHECK(collected.examples[2].group.empty());
  CHECK(collected.counts.of("conversations without messages") == 1);
}

TEST_CASE("ShareGPT's names are options: columns and roles") {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "a.json", R"([{"conversations": [{"from": "human", "value": "q"}, {"from": "gpt", "value": "a"}]}])");
  const ConversationsDataset dataset({.roles = {{"human", "user"}, {"gpt", "assistant"}}});
  const ExampleList list =
      read_examples(dataset, peft::conversations::descriptor(), {file},
                    {{"messages", "conversations"}, {"role", "from"}, {"content", "value"}});
  CHECK(shown(list.examples.at(0)) == "u:q a:a");
}

TEST_CASE("A CSV file has its messages as JSON") {
  const TemporaryFolder folder;
  const auto file = folder.write(
      "a.csv", "id,messages\nc1,\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"[x]\"\"}]\"\n");
  const ExampleList list = read_examples(ConversationsDataset({}), peft::conversations::descriptor(), {file});
  CHECK(shown(list.examples.at(0)) == "u:[x]");
  CHECK(list.examples.at(0).group == "c1");
}

TEST_CASE("Rows that ask the same are a group, whatever the answer") {
  const TemporaryFolder folder;
  const auto groups = [&](const peft::Dataset& dataset, const peft::DatasetDescriptor& descriptor,
                          const std::string& rows) {
    std::vector<std::string> found;
    for (const auto& example : read_examples(dataset, descriptor, {folder.write("a.jsonl", rows)}).examples)
      found.push_back(example.group);
    return found;
  };
  const auto reviews = groups(peft::labelled_text::LabelledTextDataset({}), peft::labelled_text::descriptor(),
                              R"({"text": "good", "label": 1}
                                 {"text": "bad", "label": 0}
                                 {"text": "good", "label": 0})");
  CHECK(reviews[0] == reviews[2]);
  CHECK(reviews[0] != reviews[1]);
  const auto chats = groups(ConversationsDataset({}), peft::conversations::descriptor(),
                            R"({"messages": [{"role": "user", "content": "a"}]}
                               {"messages": [{"role": "assistant", "content": "a"}]}
                               {"messages": [{"role": "user", "content": "a"}]})");
  CHECK(chats[0] == chats[2]);
  CHECK(chats[0] != chats[1]);
}

TEST_CASE("What is no conversation is named by row and message") {
  const ConversationsDataset dataset({});
  const std::string good = R"({"messages": [{"role": "user", "content": "a"}]})";
  CHECK_THROWS_WITH(read(dataset, {good, R"({"messages": [{"role": "human", "content": "a"}]})"}),
                    Catch::Contains("rows.jsonl:2: error: in message 1: found the role 'human', expected "
                                    "system, user or assistant") &&
                        Catch::Contains("data.roles: {human: "));
  CHECK_THROWS_WITH(read(dataset, {R"({"messages": [{"from": "user", "value": "a"}]})"}),
                    Catch::Contains("found from, value, expected the texts role and content"));
  CHECK_THROWS_WITH(read(dataset, {R"({"messages": [{"role": "user", "content": null}]})"}),
                    Catch::Contains("found null as 'content'"));
  CHECK_THROWS_WITH(read(dataset, {R"({"messages": "hello"})"}),
                    Catch::Contains("found text in the column 'messages', expected a list"));
  CHECK_THROWS_WITH(read(dataset, {R"({"messages": ["hello"]})"}),
                    Catch::Contains("found text, expected a map"));
  CHECK_THROWS_WITH(read(dataset, {R"({"messages": [{"role": "user", "content": "a"},
                                                      {"role": "system", "content": "late"}]})"}),
                    Catch::Contains("in message 2: found a system text"));
  CHECK_THROWS_AS(ConversationsDataset({.roles = {{"bot", "robot"}}}), peft::UsageError);
}

TEST_CASE("A text a row; empty ones are counted, others than texts refused") {
  const Collected collected =
      read(TextDataset(), {R"({"text": "one"})", R"({"text": ""})", R"({"text": " three\n"})"});
  REQUIRE(collected.examples.size() == 2);
  CHECK(std::get<peft::Text>(collected.examples[1].content).text == " three\n");
  CHECK(collected.counts.of("rows with an empty text") == 1);
  CHECK_THROWS_WITH(
      read(TextDataset(), {R"({"text": 3})"}),
      Catch::Contains("rows.jsonl:1: error: found integer in the column 'text', expected text"));
}

TEST_CASE("Real files read as conversations and texts, every row") {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const std::filesystem::path data = std::filesystem::path(shared == nullptr ? "" : shared) / "data";
  if (!std::filesystem::exists(data / "chatbot_arena")) {
    WARN("skipped: the data folder is not at hand (PEFT_SHARED_DATA)");
    return;
  }
  const ExampleList arena = read_examples(ConversationsDataset({}), peft::conversations::descriptor(),
                                          {data / "chatbot_arena/arena_en_single_side.jsonl"});
  CHECK(arena.examples.size() == 1400);
  CHECK(arena.examples[0].group.starts_with("chatbot_arena_"));
  const ExampleList prompts =
      read_examples(TextDataset(), peft::text::descriptor(),
                    {data / "awesome_prompts/prompts_2025-01-06.csv"}, {{"text", "prompt"}});
  CHECK(prompts.examples.size() == 170);
}
