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

[[noreturn]] void fail(const std::string& where, size_t place, const std::string& problem) {
  throw Error(where + ": error: in message " + std::to_string(place + 1) + ": " + problem);
}

const std::string& text_of(const Value& message, const char* key, size_t place, const std::string& where) {
  const Value* value = message.find(key);
  if (value != nullptr && value->is_text()) return value->as_text();
  const std::string found =
      value == nullptr ? keys(message) : std::string(type_name(value->type())) + " as '" + key + "'";
  fail(where, place,
       "found " + found + ", expected the texts role and content; say what the data calls them, as " +
           "`data.columns: {" + key + ": NAME}`");
}

// The conversation's own name, or the row's number.
std::string group_of(const Value& row, int64_t number) {
  const Value* id = row.find("id");
  if (id != nullptr && id->is_text() && !id->as_text().empty()) return id->as_text();
  if (id != nullptr && id->is_integer()) return std::to_string(id->as_integer());
  return "row " + std::to_string(number);
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

Turn ConversationsDataset::turn(const Value& message, size_t place, const std::string& where) const {
  if (!message.is_map()) {
    fail(where, place,
         "found " + std::string(type_name(message.type())) + ", expected a map {role, content}");
  }
  const std::string& found = text_of(message, "role", place, where);
  const auto renamed = options_.roles.find(found);
  const std::string& role = renamed == options_.roles.end() ? found : renamed->second;
  if (!is_known(role)) {
    fail(where, place,
         "found the role '" + found + "', expected " + known_roles +
             "; say which of these it is, as `data.roles: {" + found + ": assistant}`");
  }
  if (role == "system" && place > 0) {
    fail(where, place, "found a system text, expected it as the first message, or none");
  }
  return {.role = role, .content = text_of(message, "content", place, where)};
}

void ConversationsDataset::read(RowSource& rows, ExampleSink& examples) const {
  int64_t number = 0;
  for (Value row; rows.next(row);) {
    ++number;
    const Value& messages = row.at("messages");
    if (!messages.is_list()) {
      throw Error(rows.where() + ": error: found " + std::string(type_name(messages.type())) +
                  " in the column 'messages', expected a list of {role, content}");
    }
    Conversation conversation;
    for (const Value& message : messages.as_list()) {
      conversation.turns.push_back(turn(message, conversation.turns.size(), rows.where()));
    }
    if (conversation.turns.empty()) {
      examples.count("conversations without messages");
      continue;
    }
    examples.add({.content = std::move(conversation), .group = group_of(row, number)});
  }
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
