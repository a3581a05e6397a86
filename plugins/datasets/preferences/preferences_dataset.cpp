#include "preferences_dataset.h"

#include <algorithm>
#include <utility>

#include "marked_turns.h"

namespace peft::preferences {
namespace {

const Options<PreferencesOptions>& options() {
  static const Options<PreferencesOptions> options = [] {
    Options<PreferencesOptions> table;
    table.add("roles", &PreferencesOptions::roles,
              "what the data calls the roles: `{human: user, gpt: assistant}`");
    return table;
  }();
  return options;
}

bool has_prompt(const Value& row) {
  const Value* prompt = row.find("prompt");
  return prompt != nullptr && !prompt->is_null();
}

bool same(const std::vector<Turn>& a, const std::vector<Turn>& b) {
  return std::ranges::equal(a, b, [](const Turn& left, const Turn& right) {
    return left.role == right.role && left.content == right.content;
  });
}

// Takes the answer off a conversation's end.
std::string take_answer(Conversation& conversation, const std::string& column, const RowSource& rows) {
  if (conversation.turns.empty() || conversation.turns.back().role != "assistant") {
    refuse_row(rows, "found " +
                         (conversation.turns.empty() ? "no message"
                                                     : "a text of the " + conversation.turns.back().role) +
                         " at the end of the column '" + column + "', expected the assistant's answer");
  }
  std::string answer = std::move(conversation.turns.back().content);
  conversation.turns.pop_back();
  return answer;
}

bool asks(const std::vector<Turn>& turns, const Turn& question) {
  return std::ranges::any_of(turns, [&](const Turn& turn) {
    return turn.role == question.role && turn.content == question.content;
  });
}

}  // namespace

PreferencesDataset::PreferencesDataset(PreferencesOptions options)
    : messages_({.roles = std::move(options.roles)}) {}

Conversation PreferencesDataset::prompt_in(const Value& row, const RowSource& rows) const {
  if (!has_prompt(row)) return {};
  if (row.at("prompt").is_list()) return messages_.read(row, "prompt", rows);
  return {{{.role = "user", .content = text_in(row, "prompt", rows)}}};
}

Conversation PreferencesDataset::turns_in(const Value& row, const std::string& column, bool has_prompt,
                                          const RowSource& rows) const {
  if (row.at(column).is_list()) return messages_.read(row, column, rows);
  const std::string& text = text_in(row, column, rows);
  if (has_prompt) return {{{.role = "assistant", .content = text}}};
  if (auto turns = read_marked_turns(text)) return *std::move(turns);
  refuse_row(rows, "found no column 'prompt', and in '" + column +
                       "' a text that does not begin with \"\\n\\nHuman:\", expected either; say what this "
                       "file calls the prompt, as `data.columns: {prompt: NAME}`");
}

void PreferencesDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const bool explicit_prompt = has_prompt(row);
  Conversation prompt = prompt_in(row, rows);
  Conversation chosen_turns = turns_in(row, "chosen", explicit_prompt, rows);
  Conversation rejected_turns = turns_in(row, "rejected", explicit_prompt, rows);
  std::string chosen = take_answer(chosen_turns, "chosen", rows);
  std::string rejected = take_answer(rejected_turns, "rejected", rows);
  if (!same(chosen_turns.turns, rejected_turns.turns)) {
    refuse_row(rows,
               "found 'chosen' and 'rejected' to differ before their last messages, expected two answers to "
               "one conversation");
  }
  if (!chosen_turns.turns.empty()) {  // what is left is the conversation that both answer
    for (const Turn& turn : prompt.turns) {
      if (asks(chosen_turns.turns, turn)) continue;
      refuse_row(rows,
                 "found 'chosen' to be a conversation without the text of 'prompt', expected the same "
                 "conversation in both, or the answer alone in 'chosen'");
    }
    prompt = std::move(chosen_turns);
  }
  std::string question = first_question(prompt);
  if (question.empty()) return examples.count("rows with an empty prompt");
  if (chosen == rejected) return examples.count("rows whose two answers are the same");
  // Not the whole prompt: rows may hold one conversation at several of its turns.
  examples.add({.content = Preference{std::move(prompt), std::move(chosen), std::move(rejected)},
                .group = std::move(question)});
}

DatasetDescriptor descriptor() {
  return {
      .name = "preferences",
      .summary = "two answers a row, the better one first: chosen and rejected, with a prompt or after one",
      .columns = {"chosen", "rejected"},
      .optional_columns = {"prompt", "role", "content"},
      .structured_columns = {},
      .options = options().table(),
      .create = [](const Value& values) {
        return std::make_unique<PreferencesDataset>(options().read(values));
      }};
}

}  // namespace peft::preferences
