// The plugin's own sources, on rows written for this test and on the real file.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <set>

#include "data_fixture.h"
#include "datasets/openassistant/openassistant_dataset.h"
#include "peft/error.h"
#include "support/example_list.h"

using namespace peft::host;
using namespace peft::test;
using peft::Example;
using peft::openassistant::OpenAssistantDataset;
using peft::openassistant::OpenAssistantOptions;

namespace {

const std::filesystem::path fixture = PEFT_OPENASSISTANT_TEST_DATA;

ExampleList read_file(const std::filesystem::path& file, const OpenAssistantOptions& options = {}) {
  return read_examples(OpenAssistantDataset(options), peft::openassistant::descriptor(), {file});
}

std::vector<std::string> threads(const std::vector<Example>& examples) {
  std::vector<std::string> result;
  for (const Example& example : examples) result.push_back(shown(example));
  return result;
}
using Threads = std::vector<std::string>;

int64_t total(const Counts& counts) {
  int64_t sum = 0;
  for (const auto& [what, times] : counts.entries()) sum += times;
  return sum;
}

std::filesystem::path real_file() {
  const char* shared = std::getenv("PEFT_SHARED_DATA");
  const std::filesystem::path file = std::filesystem::path(shared == nullptr ? "" : shared) /
                                     "data/openassistant/oasst1_en_validation.jsonl";
  return std::filesystem::exists(file) ? file : std::filesystem::path();
}

}  // namespace

TEST_CASE("The best-ranked reply is followed at each turn, to an assistant's last word") {
  const ExampleList list = read_file(fixture / "messages.jsonl");
  CHECK(threads(list.examples) ==
        Threads{"u:How do I boil an egg? a:Eight minutes in boiling water. u:And a soft one? a:Five minutes.",
                "u:Why is the sky blue? a:Blue light scatters most."});
  CHECK(list.examples[0].group == "t1");
  CHECK(list.examples[1].group == "t2");
}

TEST_CASE("With replies: all, every thread from root to leaf is an example, the best first") {
  const ExampleList list = read_file(fixture / "messages.jsonl", {.lang = {"all"}, .replies = "all"});
  CHECK(threads(list.examples) ==
        Threads{"u:How do I boil an egg? a:Eight minutes in boiling water. u:And a soft one? a:Five minutes.",
                "u:How do I boil an egg? a:In hot water.", "u:How do I boil an egg? a:Nobody ranked me.",
                "u:Why is the sky blue? a:Blue light scatters most.",
                "u:Warum ist der Himmel blau? a:Wegen der Streuung."});
}

TEST_CASE("Languages are chosen") {
  const ExampleList list = read_file(fixture / "messages.jsonl", {.lang = {"de", "fr"}});
  CHECK(threads(list.examples) == Threads{"u:Warum ist der Himmel blau? a:Wegen der Streuung."});
  CHECK_THROWS_AS(OpenAssistantDataset({.lang = {}}), peft::UsageError);
}

TEST_CASE("Every message left out is counted once, by its reason") {
  const ExampleList list = read_file(fixture / "messages.jsonl");
  CHECK(list.counts.of("messages with an id that came before") == 1);
  CHECK(list.counts.of("messages whose parent is missing") == 1);
  CHECK(list.counts.of("deleted messages") == 1);
  CHECK(list.counts.of("messages in other languages") == 1);
  CHECK(list.counts.of("messages below one that was left out") == 3);
  CHECK(list.counts.of("messages in or below a cycle of parents") == 2);
  CHECK(list.counts.of("prompts without an answer") == 3);
  CHECK(list.counts.of("messages on threads not followed (replies: best)") == 2);
  CHECK(total(list.counts) + 6 == list.rows);
}

TEST_CASE("A tree in one row gives the threads of its messages in rows") {
  const std::string tree =
      R"({"message_tree_id": "t", "tree_state": "ready_for_export", "prompt": {"message_id": "1", "text": "q",
          "role": "prompter", "lang": "en", "replies": [
            {"message_id": "2", "text": "second", "role": "assistant", "lang": "en", "rank": 1, "replies": []},
            {"message_id": "3", "text": "first", "role": "assistant", "lang": "en", "rank": 0, "replies": [
              {"message_id": "4", "text": "more", "role": "prompter", "lang": "en", "replies": null}]}]}})";
  const std::vector<std::string> rows = {
      R"({"message_id": "1", "parent_id": null, "text": "q", "role": "prompter", "message_tree_id": "t"})",
      R"({"message_id": "2", "parent_id": "1", "text": "second", "role": "assistant", "rank": 1})",
      R"({"message_id": "3", "parent_id": "1", "text": "first", "role": "assistant", "rank": 0})",
      R"({"message_id": "4", "parent_id": "3", "text": "more", "role": "prompter"})"};
  for (const std::string replies : {"best", "all"}) {
    const OpenAssistantDataset dataset({.lang = {"en"}, .replies = replies});
    const Collected from_tree = read(dataset, {tree});
    const Collected from_rows = read(dataset, rows);
    CHECK(threads(from_tree.examples) == threads(from_rows.examples));
    CHECK(from_tree.counts == from_rows.counts);
    CHECK(from_tree.examples.front().group == "t");
  }
}

TEST_CASE("CSV's texts read as the values they stand for") {
  const Collected collected = read(
      OpenAssistantDataset({}),
      {R"({"message_id": "1", "parent_id": "", "text": "q", "role": "prompter", "rank": "", "deleted": "False"})",
       R"({"message_id": "2", "parent_id": "1", "text": "worse", "role": "assistant", "rank": "1.0"})",
       R"({"message_id": "3", "parent_id": "1", "text": "best", "role": "assistant", "rank": "0.0"})",
       R"({"message_id": "4", "parent_id": "1", "text": "", "role": "assistant", "rank": "", "deleted": "True"})"});
  CHECK(threads(collected.examples) == Threads{"u:q a:best"});
}

TEST_CASE("A row that is neither a message nor a tree is named, with what it has and what is needed") {
  const OpenAssistantDataset dataset({});
  CHECK_THROWS_WITH(read(dataset, {R"({"messge_id": "1", "text": "q", "role": "prompter"})"}),
                    Catch::Contains("rows.jsonl:1: error: found the columns messge_id, text, role") &&
                        Catch::Contains("did you mean 'messge_id'"));
  CHECK_THROWS_WITH(
      read(dataset, {R"({"message_id": "1", "text": "q", "role": "user"})"}),
      Catch::Contains("rows.jsonl:1: error: found the role 'user', expected prompter or assistant"));
  CHECK_THROWS_WITH(read(dataset, {R"({"message_id": "1", "text": null, "role": "prompter"})"}),
                    Catch::Contains("found null as 'text', expected text"));
  CHECK_THROWS_WITH(read(dataset, {R"({"message_tree_id": "1", "prompt": {"text": "q", "role": "prompter",
                                        "replies": [3]}})"}),
                    Catch::Contains("found integer among replies"));
}

TEST_CASE("Any forest, however tangled: no message is lost without being counted, and threads are threads") {
  std::mt19937 random(5);
  for (int trial = 0; trial < 300; ++trial) {
    std::vector<std::string> rows;
    const unsigned size = 1 + random() % 40;
    for (unsigned i = 0; i < size; ++i) {
      const std::string parent =
          random() % 4 == 0 ? "null" : "\"" + std::to_string(random() % (size + 3)) + "\"";
      rows.push_back(
          "{\"message_id\": \"" + std::to_string(random() % (size + 1)) + "\", \"parent_id\": " + parent +
          ", \"text\": \"x\", \"role\": \"" + (random() % 2 ? "assistant" : "prompter") +
          "\", \"rank\": " + (random() % 2 ? "null" : std::to_string(random() % 3)) + ", \"lang\": \"" +
          (random() % 8 ? "en" : "de") + "\", \"deleted\": " + (random() % 8 ? "false" : "true") + "}");
    }
    const Collected best = read(OpenAssistantDataset({}), rows);
    int64_t used = 0;
    std::set<std::string> trees;
    for (const Example& example : best.examples) {
      const auto& turns = std::get<peft::Conversation>(example.content).turns;
      CHECK(turns.back().role == "assistant");
      used += static_cast<int64_t>(turns.size());
      CHECK(trees.insert(example.group).second);
    }
    CHECK(used + total(best.counts) == size);
  }
}

TEST_CASE("The real validation file gives the threads that an independent reading gives") {
  const std::filesystem::path file = real_file();
  if (file.empty()) {
    WARN("skipped: OpenAssistant's validation file is not at hand (PEFT_SHARED_DATA)");
    return;
  }
  const auto turns = [](const ExampleList& list) {
    size_t sum = 0;
    for (const Example& example : list.examples) {
      sum += std::get<peft::Conversation>(example.content).turns.size();
    }
    return sum;
  };
  const ExampleList best = read_file(file);
  CHECK(best.rows == 2022);
  CHECK(best.examples.size() == 188);  // 191 trees, of which 3 lack their root
  CHECK(turns(best) == 554);
  CHECK(best.counts.of("messages whose parent is missing") == 3);
  CHECK(total(best.counts) + 554 == 2022);
  const ExampleList all = read_file(file, {.lang = {"en"}, .replies = "all"});
  CHECK(all.examples.size() == 928);
  CHECK(turns(all) == 3178);
}
