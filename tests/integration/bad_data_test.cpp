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

TEST_CASE("A text longer than the context is cut, and counted") {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "word ";
  std::string rows;
  for (int i = 0; i < 12; ++i) rows += "{\"text\": \"" + text + "\"}\n";
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
