#include "datasets/sharegpt/sharegpt_dataset.h"

#include "dataset_fixture.h"

using namespace peft::test;
using peft::sharegpt::ShareGptDataset;

namespace {

std::string from(const std::string& role, const std::string& text) {
  return R"({"from": ")" + role + R"(", "value": ")" + text + R"("})";
}

std::string row(const std::string& messages, const std::string& more = "") {
  return R"({"conversations": [)" + messages + "]" + more + "}";
}

const std::string question = from("human", "q") + ", " + from("gpt", "a");

}  // namespace

TEST_CASE("ShareGPT: human and gpt, and our own names too; an id is the group") {
  const Collected rows = read(ShareGptDataset({}), {row(question, R"(, "id": "x_0")"),
                                                    row(from("user", "q") + ", " + from("assistant", "a")),
                                                    row(from("system", "s") + ", " + question), row("")});
  CHECK(said(rows) == Lines{"u:q a:a", "u:q a:a", "s:s u:q a:a"});
  CHECK(rows.examples[0].group == "x_0");
  CHECK(rows.counts.of("conversations without messages") == 1);
}

TEST_CASE("ShareGPT: a system text may stand beside the list, but not in both places") {
  CHECK(said(read(ShareGptDataset({}),
                  {row(question, R"(, "system": "s")"), row(question, R"(, "system": "")"),
                   row(question, R"(, "system": null)")})) == Lines{"s:s u:q a:a", "u:q a:a", "u:q a:a"});
  CHECK_THROWS_WITH(
      read(ShareGptDataset({}), {row(from("system", "s") + ", " + question, R"(, "system": "t")")}),
      Catch::Contains("rows.jsonl:1: error: found a system text in the column 'system' and another"));
}

TEST_CASE("ShareGPT: other roles are refused by name, until the recipe says whose they are") {
  const std::string tools = row(question + ", " + from("function_call", "f"));
  CHECK_THROWS_WITH(read(ShareGptDataset({}), {tools}),
                    Catch::Contains("rows.jsonl:1: error: in message 3: found the role 'function_call', "
                                    "expected system, user or assistant, gpt (assistant), human (user)") &&
                        Catch::Contains("data.roles: {function_call: assistant}"));
  CHECK(said(read(ShareGptDataset({.roles = {{"function_call", "assistant"}}}), {tools})) ==
        Lines{"u:q a:a a:f"});
  // A name of the usual ones may mean something else.
  CHECK(said(read(ShareGptDataset({.roles = {{"human", "assistant"}}}), {row(question)})) ==
        Lines{"a:q a:a"});
  CHECK_THROWS_AS(ShareGptDataset({.roles = {{"tool", "tool"}}}), peft::UsageError);
}
