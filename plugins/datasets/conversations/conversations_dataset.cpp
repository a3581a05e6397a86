#include "conversations_dataset.h"

#include <utility>

#include "peft/error.h"

namespace peft::conversations {
namespace {

constexpr const char* known_roles = "system, user or assistant";

bool is_known(const std::string& role) {
  return role == "system" || role == "user" || role == "assistant";
}

std::string keys(const Value& map) {
  std::string text;
  for (const auto& [key, value] : map.as_map()) text += (text.empty() ? "" : ", ") + key;
  return text.empty() ? "nothing" : text;
}

[[noreturn]] void refuse_message(const RowSource& rows, size_t place, const std::string& problem) {
  refuse_row(rows, "in message " + std::to_string(place + 1) + ": " + problem);
}

const std::string& text_of(const Value& message, const char* key, size_t place, const RowSource& rows) {
  const Value* value = message.find(key);
  if (value != nullptr && value->is_text()) return value->as_text();
  const std::string found =
      value == nullptr ? keys(message) : std::string(type_name(value->type())) + " as '" + key + "'";
  refuse_message(rows, place,
                 "found " + found +
                     ", expected the texts role and content; say what the data calls them, as " +
                     "`data.columns: {" + key + ": NAME}`");
}

// Empty where the row gives the conversation none.
std::string own_name(const Value& row) {
  const Value* id = row.find("id");
  if (id != nullptr && id->is_text()) return id->as_text();
  return id != nullptr && id->is_integer() ? std::to_string(id->as_integer()) : "";
}

const Options<ConversationsOptions>& conversations_options() {
  static const Options<ConversationsOptions> options = [] {
    Options<ConversationsOptions> table;
    table.add("roles", &ConversationsOptions::roles,
              "what the data calls the roles: `{human: user, gpt: assistant}`");
    return table;
  }();
  return options;
}

}  // namespace

ConversationsDataset::ConversationsDataset(ConversationsOptions options) : options_(std::move(options)) {
  for (const auto& [name, role] : options_.roles) {
    if (is_known(role)) continue;
    throw UsageError("data.roles." + name + ": found '" + role + "', expected " + known_roles);
  }
}

Turn ConversationsDataset::turn(const Value& message, size_t place, const RowSource& rows) const {
  if (!message.is_map()) {
    refuse_message(rows, place,
                   "found " + std::string(type_name(message.type())) + ", expected a map {role, content}");
  }
  const std::string& found = text_of(message, "role", place, rows);
  const auto renamed = options_.roles.find(found);
  const std::string& role = renamed == options_.roles.end() ? found : renamed->second;
  if (!is_known(role)) {
    refuse_message(rows, place,
                   "found the role '" + found + "', expected " + known_roles +
                       "; say which of these it is, as `data.roles: {" + found + ": assistant}`");
  }
  if (role == "system" && place > 0) {
    refuse_message(rows, place, "found a system text, expected it as the first message, or none");
  }
  return {.role = role, .content = text_of(message, "content", place, rows)};
}

void ConversationsDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const Value& messages = row.at("messages");
  if (!messages.is_list()) {
    refuse_row(rows, "found " + std::string(type_name(messages.type())) +
                         " in the column 'messages', expected a list of {role, content}");
  }
  Conversation conversation;
  for (const Value& message : messages.as_list()) {
    conversation.turns.push_back(turn(message, conversation.turns.size(), rows));
  }
  if (conversation.turns.empty()) return examples.count("conversations without messages");
  examples.add({.content = std::move(conversation), .group = own_name(row)});
}

DatasetDescriptor descriptor() {
  return {.name = "conversations",
          .summary = "a conversation a row: messages, a list of {role, content}",
          .columns = {"messages"},
          .optional_columns = {"id", "role", "content"},
          .structured_columns = {"messages"},
          .options = conversations_options().table(),
          .create = [](const Value& options) {
            return std::make_unique<ConversationsDataset>(conversations_options().read(options));
          }};
}

}  // namespace peft::conversations
