#include "chatbot_arena_dataset.h"

#include <algorithm>
#include <utility>

#include "peft/shown.h"

namespace peft::chatbot_arena {
namespace {

constexpr const char* side_a = "conversation_a";
constexpr const char* side_b = "conversation_b";

const Options<ChatbotArenaOptions>& options() {
  static const Options<ChatbotArenaOptions> options = [] {
    Options<ChatbotArenaOptions> table;
    table.add("sides", &ChatbotArenaOptions::sides,
              "of a battle: winner (of a tie both, but none where both are called bad), both, a or b",
              {"winner", "both", "a", "b"});
    table.add("language", &ChatbotArenaOptions::language,
              "only conversations in these, as the column language has them: `[English]`; unless given, all");
    return table;
  }();
  return options;
}

}  // namespace

ChatbotArenaDataset::ChatbotArenaDataset(ChatbotArenaOptions options)
    : options_(std::move(options)), messages_({}) {}

bool ChatbotArenaDataset::is_wanted_language(const Value& row, const RowSource& rows) const {
  if (options_.language.empty()) return true;
  if (row.find("language") == nullptr) {
    refuse_row(rows, "found the columns " + keys_of(row) +
                         ", expected 'language', which data.language asks for; leave data.language out, or "
                         "say what this file calls the column, as `data.columns: {language: NAME}`");
  }
  return std::ranges::count(options_.language, text_in(row, "language", rows)) > 0;
}

std::vector<std::string> ChatbotArenaDataset::sides_of(const Value& row, const RowSource& rows,
                                                       ExampleSink& counts) const {
  if (options_.sides == "both") return {side_a, side_b};
  if (options_.sides == "a") return {side_a};
  if (options_.sides == "b") return {side_b};
  if (row.find("winner") == nullptr) {
    refuse_row(rows, "found the columns " + keys_of(row) +
                         ", expected 'winner', which `data.sides: winner` asks for; set data.sides to both, "
                         "a or b");
  }
  const std::string& winner = text_in(row, "winner", rows);
  if (winner == "model_a") return {side_a};
  if (winner == "model_b") return {side_b};
  if (winner == "tie") return {side_a, side_b};
  if (winner == "tie (bothbad)") {
    counts.count("battles whose sides were both called bad");
    return {};
  }
  refuse_row(rows, "found " + shown(winner) +
                       " in the column 'winner', expected model_a, model_b, tie or tie (bothbad)");
}

void ChatbotArenaDataset::add_side(const Value& row, const std::string& column, const RowSource& rows,
                                   ExampleSink& examples) const {
  Conversation conversation = messages_.read(row, column, rows);
  if (conversation.turns.empty()) return examples.count("conversations without messages");
  std::string question = first_question(conversation);
  examples.add({.content = std::move(conversation), .group = std::move(question)});
}

void ChatbotArenaDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const bool single = row.find("messages") != nullptr;
  const bool battle = row.find(side_a) != nullptr && row.find(side_b) != nullptr;
  if (single == battle) {
    refuse_row(rows,
               "found the columns " + keys_of(row) +
                   ", expected conversation_a and conversation_b, of a battle, or messages, of a single "
                   "side; say what this file calls them, as `data.columns: {messages: NAME}`");
  }
  if (!is_wanted_language(row, rows)) return examples.count("conversations in other languages");
  if (single) return add_side(row, "messages", rows, examples);
  for (const std::string& side : sides_of(row, rows, examples)) add_side(row, side, rows, examples);
}

DatasetDescriptor descriptor() {
  return {.name = "chatbot_arena",
          .summary =
              "a battle of two models a row (conversation_a, conversation_b, winner), or one side "
              "(messages)",
          .columns = {},
          .optional_columns = {side_a, side_b, "winner", "language", "messages", "role", "content"},
          .structured_columns = {side_a, side_b, "messages"},
          .options = options().table(),
          .create = [](const Value& values) {
            return std::make_unique<ChatbotArenaDataset>(options().read(values));
          }};
}

}  // namespace peft::chatbot_arena
