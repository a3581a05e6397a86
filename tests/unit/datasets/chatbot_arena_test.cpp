#include "datasets/chatbot_arena/chatbot_arena_dataset.h"

#include "dataset_fixture.h"

using namespace peft::test;
using peft::chatbot_arena::ChatbotArenaDataset;

namespace {

std::string battle(const std::string& winner, const std::string& language = "English") {
  return R"({"question_id": "q", "model_a": "x", "model_b": "y", "winner": ")" + winner + R"(",
    "conversation_a": [{"content": "Hi?", "role": "user"}, {"content": "A.", "role": "assistant"}],
    "conversation_b": [{"content": "Hi?", "role": "user"}, {"content": "B.", "role": "assistant"}],
    "turn": 1, "language": ")" +
         language + R"("})";
}

const std::string single = R"({"id": "s", "messages": [{"role": "user", "content": "Hi?"},
    {"role": "assistant", "content": "C."}, {"role": "user", "content": "And?"},
    {"role": "assistant", "content": "D."}]})";

Lines with(const std::string& sides, const std::string& winner) {
  return said(read(ChatbotArenaDataset({.sides = sides, .language = {}}), {battle(winner)}));
}

const std::string a = "u:Hi? a:A.";
const std::string b = "u:Hi? a:B.";

}  // namespace

TEST_CASE("Chatbot Arena: the winner's side; of a tie both, and neither where both are bad") {
  CHECK(with("winner", "model_a") == Lines{a});
  CHECK(with("winner", "model_b") == Lines{b});
  CHECK(with("winner", "tie") == Lines{a, b});
  const Collected bad = read(ChatbotArenaDataset({}), {battle("tie (bothbad)"), battle("model_a")});
  CHECK(said(bad) == Lines{a});
  CHECK(bad.counts.of("battles whose sides were both called bad") == 1);
  CHECK_THROWS_WITH(with("winner", "model_c"),
                    Catch::Contains("rows.jsonl:1: error: found 'model_c' in the column 'winner', expected "
                                    "model_a, model_b, tie or tie (bothbad)"));
}

TEST_CASE("Chatbot Arena: other sides do not ask who won") {
  for (const std::string winner : {"model_a", "model_b", "tie (bothbad)", "nobody"}) {
    CHECK(with("both", winner) == Lines{a, b});
    CHECK(with("a", winner) == Lines{a});
    CHECK(with("b", winner) == Lines{b});
  }
}

TEST_CASE("Chatbot Arena: single sides have many turns, and share a group with battles over their question") {
  const Collected rows =
      read(ChatbotArenaDataset({.sides = "both", .language = {}}), {single, battle("tie")});
  CHECK(said(rows) == Lines{"u:Hi? a:C. u:And? a:D.", a, b});
  CHECK(rows.examples[0].group == rows.examples[1].group);
  CHECK(rows.examples[1].group == rows.examples[2].group);
  CHECK(!rows.examples[0].group.empty());
}

TEST_CASE("Chatbot Arena: only conversations in the languages that are asked for") {
  const ChatbotArenaDataset german({.sides = "a", .language = {"German", "Dutch"}});
  const Collected rows = read(german, {battle("tie"), battle("tie", "German"), battle("tie", "Dutch")});
  CHECK(said(rows) == Lines{a, a});
  CHECK(rows.counts.of("conversations in other languages") == 1);
  CHECK_THROWS_WITH(read(german, {single}),
                    Catch::Contains("found the columns id, messages, expected 'language'"));
}

TEST_CASE("Chatbot Arena: rows of neither form are refused with the columns they have") {
  CHECK_THROWS_WITH(read(ChatbotArenaDataset({}), {R"({"text": "x", "winner": "tie"})"}),
                    Catch::Contains("found the columns text, winner, expected conversation_a and"));
  CHECK_THROWS_WITH(read(ChatbotArenaDataset({}), {R"({"conversation_a": [], "conversation_b": []})"}),
                    Catch::Contains("expected 'winner'"));
  CHECK_THROWS_WITH(read(ChatbotArenaDataset({}), {R"({"messages": [{"role": "bot", "content": "x"}]})"}),
                    Catch::Contains("in message 1: found the role 'bot'"));
}

TEST_CASE("Chatbot Arena: the real single sides, no question of which is on both sides of a split") {
  const auto file = real_data("chatbot_arena/arena_en_single_side.jsonl");
  if (!file) return;
  const auto list = examples_of(ChatbotArenaDataset({}), peft::chatbot_arena::descriptor(), *file);
  CHECK(list.examples.size() == 1400);
  const auto question = [](const auto& example) {
    return peft::first_question(std::get<peft::Conversation>(example.content));
  };
  const SplitExamples parts = split(list, 0.1);
  CHECK(common(parts.validation, parts.train, question) == 0);
  // Which would not be so by itself: questions stand there more than once.
  std::vector<peft::Example> front(list.examples.begin(), list.examples.begin() + 140);
  std::vector<peft::Example> back(list.examples.begin() + 140, list.examples.end());
  CHECK(common(front, back, question) > 0);
}
