// Data that does not fit: refused naming file and line; texts and prompts beyond the context are cut.
#include <catch2/catch.hpp>
#include <filesystem>

#include "refusal.h"

using namespace peft;
using namespace peft::test;
using Catch::Matchers::Contains;
namespace fs = std::filesystem;

namespace {

// Data is a part of the recipe that names it: both verbs end alike.
void check_data(const std::string& what, const std::string& content, const std::vector<std::string>& messages,
                const std::string& more = "") {
  INFO(what);
  const std::string source = small().write("data.jsonl", content).string();
  const std::string words =
      small().recipe() + " data.source=" + source + " output=" + small().path("never").string() + " " + more;
  check_refused(SmallRun::host("run " + words), 2, messages);
  check_refused(SmallRun::host("validate " + words), 2, messages);
  CHECK_FALSE(fs::exists(small().path("never")));
}

}  // namespace

TEST_CASE("Data that cannot be trained on is refused, naming file and line") {
  check_data("empty", "", {"data.jsonl", "found no example"});
  check_data("blank", "\n\n", {"data.jsonl"});
  check_data("other columns", "{\"question\": \"a\"}\n",
             {"data.jsonl:1: error: found the columns question, expected 'message_id'"});
  check_data("cut", "{\"message_id\": \"a\"\n", {"data.jsonl:1:18: error: not valid JSON"});
  check_data("no map", "[1, 2]\n", {"data.jsonl:1"});
  check_data("a column of another type",
             "{\"message_id\": 1, \"parent_id\": null, \"text\": 2, \"role\": \"prompter\"}\n",
             {"data.jsonl:1"});
  check_data("binary", std::string("\x1f\x8b\x00\x01\xff", 5), {"data.jsonl"});
  check_data("nothing to learn", content_of_file(small().path("chats.jsonl")),
             {"found no example with a target left", "data.max_length is 1: raise it"}, "data.max_length=1");
}

TEST_CASE("What is said of a line of megabytes is short enough to read") {
  const std::string source =
      small().write("line.jsonl", "{\"text\": \"" + std::string(3'000'000, 'x')).string();
  const std::string words = small().recipe() + " data.source=" + source;
  for (const std::string verb : {"run ", "validate "}) {
    const Said said = SmallRun::host(verb + words + " output=" + small().path("never").string());
    CHECK(said.exit_code == 2);
    CHECK_THAT(said.err, Contains("line.jsonl:1:3000010: error: not valid JSON") && Contains("bytes…"));
    CHECK(said.err.size() < 10'000);
  }
}

TEST_CASE("Rows that cannot be read are left out where the recipe says so, and the summary counts them") {
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += "{\"text\": \"the tram number " + std::to_string(i) + "\"}\n";
  small().write("rows.jsonl", rows + "{\"text\": \n" + rows + "{\"other\": 1}\n{\"text\": 7}\n");
  const std::string recipe = recipe_of(with(
      with(SmallRun::recipe_text(), "dataset: openassistant", "dataset: text"), "chats.jsonl", "rows.jsonl"));
  check_refused(SmallRun::host("validate " + recipe), 2, {"rows.jsonl:31:9: error: not valid JSON"});
  check_refused(SmallRun::host("validate " + recipe + " data.bad_rows=sometimes"), 2,
                {"'data.bad_rows'", "expected one of error, skip"});
  const std::string run = small().path("skipped").string();
  const Said said =
      SmallRun::host("run " + recipe + " data.bad_rows=skip train.steps=1 evaluate.prompts=[] output=" + run);
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("rows that cannot be read, left out (the first: ") &&
                           Contains("rows.jsonl:31:9: error: not valid JSON") &&
                           Contains("rows that the dataset cannot take, left out (the first: ") &&
                           Contains("rows.jsonl:63: error: found integer in the column 'text'"));
  CHECK_THAT(content_of_file(small().path("skipped/recipe.yaml")), Contains("bad_rows: skip"));
}

TEST_CASE("Reviews that are measured on are not trained on, though both files have them") {
  std::string rows;
  for (int i = 0; i < 30; ++i) rows += "{\"text\": \"the tram number " + std::to_string(i) + "\"}\n";
  small().write("training.jsonl", rows);
  small().write("held_out.jsonl", "{\"text\": \"the tram number 7\"}\n{\"text\": \"another\"}\n");
  const std::string text = with(with(with(SmallRun::recipe_text(), "dataset: openassistant", "dataset: text"),
                                     "chats.jsonl", "training.jsonl"),
                                "validation: 0.2", "validation: held_out.jsonl");
  const Said said = SmallRun::host("validate " + recipe_of(text));
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.out, Contains("left out, since the validation data has their group, too: 1"));
  CHECK_THAT(said.out, Contains("29"));
  check_refused(SmallRun::host("validate " + recipe_of(with(text, "held_out.jsonl", "training.jsonl"))), 2,
                {"data.validation: found every group of the training examples (30 examples) also there"});
}

TEST_CASE("A text longer than the context is cut, and counted") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "word ";
  std::string rows;
  for (int i = 0; i < 12; ++i) rows += "{\"text\": \"" + std::to_string(i) + " " + text + "\"}\n";
  small().write("long.jsonl", rows);
  const std::string recipe = recipe_of(with(
      with(SmallRun::recipe_text(), "dataset: openassistant", "dataset: text"), "chats.jsonl", "long.jsonl"));
  const Said said = SmallRun::host(
      "run " + recipe + " train.steps=1 evaluate.prompts=[] output=" + small().path("long").string());
  INFO(said.err);
  CHECK(said.exit_code == 0);
  CHECK_THAT(said.err, Contains("cut"));
}

TEST_CASE("Overlong prompts are refused or cut, never an abort") {
  std::string words;
  for (int i = 0; i < 300; ++i) words += "word ";
  const Said made =
      small().run("prompts", "train.steps=1 evaluate.every=0 'evaluate.prompts=[" + words + "]'");
  INFO(made.err);
  CHECK(made.exit_code <= 1);
  const Said plain = small().run("plain", "train.steps=1 evaluate.every=0");
  REQUIRE(plain.exit_code == 0);
  for (const std::string more : {"", "--raw", "--base", "--max-new-tokens 100000"}) {
    const Said said =
        SmallRun::host("generate " + small().path("plain").string() + " --prompt '" + words + "' " + more);
    INFO(more << said.err);
    CHECK(said.exit_code <= 2);
    CHECK_THAT(said.err, !Contains("unexpected:"));
  }
}
