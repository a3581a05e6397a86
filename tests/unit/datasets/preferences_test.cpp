#include "datasets/preferences/preferences_dataset.h"

#include "dataset_fixture.h"
#include "datasets/preferences/marked_turns.h"

using namespace peft::test;
using peft::preferences::PreferencesDataset;
using peft::preferences::read_marked_turns;

namespace {

Lines of(const std::string& row) {
  return said(read(PreferencesDataset({}), {row}));
}

const Lines sky = {"u:Sky? | Blue. | Green."};
const std::string user = R"({"role": "user", "content": "Sky?"})";

std::string answer(const std::string& text) {
  return R"({"role": "assistant", "content": ")" + text + R"("})";
}

}  // namespace

TEST_CASE("Preferences: every form says the same") {
  const std::string prompt_text = R"("prompt": "Sky?", )";
  const std::string prompt_list = R"("prompt": [)" + user + "], ";
  const std::string texts = R"("chosen": "Blue.", "rejected": "Green.")";
  const std::string answers =
      R"("chosen": [)" + answer("Blue.") + R"(], "rejected": [)" + answer("Green.") + "]";
  const std::string whole = R"("chosen": [)" + user + ", " + answer("Blue.") + R"(], "rejected": [)" + user +
                            ", " + answer("Green.") + "]";
  for (const std::string& prompt : {prompt_text, prompt_list}) {
    for (const std::string& sides : {texts, answers, whole}) {
      INFO(prompt + sides);
      CHECK(of("{" + prompt + sides + "}") == sky);
    }
  }
  CHECK(of("{" + whole + "}") == sky);
  CHECK(of(R"({"prompt": null, )" + whole + "}") == sky);
  CHECK(of(R"({"chosen": "\n\nHuman: Sky?\n\nAssistant: Blue.",
               "rejected": "\n\nHuman: Sky?\n\nAssistant: Green."})") == sky);
}

TEST_CASE("Preferences: a prompt may have many turns") {
  const std::string before =
      R"({"role": "system", "content": "Be brief."}, )" + user + ", " + answer("Blue.");
  const std::string again = R"(, {"role": "user", "content": "Sure?"}, )";
  CHECK(of(R"({"chosen": [)" + before + again + answer("Yes.") + R"(], "rejected": [)" + before + again +
           answer("No.") + "]}") == Lines{"s:Be brief. u:Sky? a:Blue. u:Sure? | Yes. | No."});
  CHECK(of(R"({"chosen": "\n\nHuman: Sky?\n\nAssistant: Blue.\n\nHuman: Sure?\n\nAssistant: Yes.",
               "rejected": "\n\nHuman: Sky?\n\nAssistant: Blue.\n\nHuman: Sure?\n\nAssistant: No."})") ==
        Lines{"u:Sky? a:Blue. u:Sure? | Yes. | No."});
}

TEST_CASE("Preferences: what two answers to one prompt are not is refused, with the row") {
  CHECK_THROWS_WITH(of(R"({"chosen": "Blue.", "rejected": "Green."})"),
                    Catch::Contains("rows.jsonl:1: error: found no column 'prompt', and in 'chosen' a text"));
  CHECK_THROWS_WITH(
      of(R"({"chosen": [)" + user + R"(], "rejected": [)" + answer("x") + "]}"),
      Catch::Contains("found a text of the user at the end of the column 'chosen', expected the assistant"));
  CHECK_THROWS_WITH(of(R"({"chosen": [], "rejected": [)" + answer("x") + "]}"),
                    Catch::Contains("found no message at the end of the column 'chosen'"));
  CHECK_THROWS_WITH(of(R"({"chosen": [)" + user + ", " + answer("x") + R"(], "rejected": [)" +
                       R"({"role": "user", "content": "Sea?"}, )" + answer("y") + "]}"),
                    Catch::Contains("found 'chosen' and 'rejected' to differ before their last messages"));
  CHECK_THROWS_WITH(of(R"({"prompt": "Sea?", "chosen": [)" + user + ", " + answer("x") +
                       R"(], "rejected": [)" + user + ", " + answer("y") + "]}"),
                    Catch::Contains("without the text of 'prompt'"));
  CHECK_THROWS_WITH(of(R"({"prompt": "p", "chosen": 1, "rejected": "y"})"),
                    Catch::Contains("found integer in the column 'chosen', expected text"));
}

TEST_CASE("Preferences: rows without a prompt or without a difference are counted") {
  const Collected rows = read(PreferencesDataset({}), {R"({"prompt": "", "chosen": "a", "rejected": "b"})",
                                                       R"({"prompt": "p", "chosen": "a", "rejected": "a"})"});
  CHECK(rows.examples.empty());
  CHECK(rows.counts.of("rows with an empty prompt") == 1);
  CHECK(rows.counts.of("rows whose two answers are the same") == 1);
}

TEST_CASE("Turns marked in a text begin with a mark and lose the white space around them") {
  CHECK(!read_marked_turns(""));
  CHECK(!read_marked_turns("Human: hello"));
  CHECK(!read_marked_turns("hello\n\nHuman: hello"));
  const auto turns = read_marked_turns("\n\nHuman: a\n\nb \n\nAssistant:");
  REQUIRE(turns);
  CHECK(shown(peft::Example{.content = *turns, .group = ""}) == "u:a\n\nb a:");
}
