#include "peft/messages.h"

#include <utility>

#include "peft/error.h"
#include "peft/row_dataset.h"

namespace peft {
namespace {

constexpr const char* known_roles = "system, user or assistant";

bool is_known(const std::string& role) {
  return role == "system" || role == "user" || role == "assistant";
}

[[noreturn]] void refuse_message(const RowSource& rows, size_t place, const std::string& problem) {
  refuse_row(rows, "in message " + std::to_string(place + 1) + ": " + problem);
}

}  // namespace

MessageReader::MessageReader(MessageNames names) : names_(std::move(names)) {
  for (const auto& [name, role] : names_.roles) {
    if (is_known(role)) continue;
    throw UsageError("data.roles." + name + ": found '" + role + "', expected " + known_roles);
  }
}

const std::string& MessageReader::text_of(const Value& message, const std::string& key, size_t place,
                                          const RowSource& rows) const {
  const Value* value = message.find(key);
  if (value != nullptr && value->is_text()) return value->as_text();
  const std::string found =
      value == nullptr ? keys_of(message) : std::string(type_name(value->type())) + " as '" + key + "'";
  refuse_message(rows, place,
                 "found " + found + ", expected the texts " + names_.role + " and " + names_.content +
                     "; say what the data calls them, as `data.columns: {" + key + ": NAME}`");
}

Turn MessageReader::turn(const Value& message, size_t place, const RowSource& rows) const {
  if (!message.is_map()) {
    refuse_message(rows, place,
                   "found " + std::string(type_name(message.type())) + ", expected a map {" + names_.role +
                       ", " + names_.content + "}");
  }
  const std::string& found = text_of(message, names_.role, place, rows);
  const auto renamed = names_.roles.find(found);
  const std::string& role = renamed == names_.roles.end() ? found : renamed->second;
  if (!is_known(role)) {
    std::string expected = known_roles;
    for (const auto& [name, ours] : names_.roles) expected += ", " + name + " (" + ours + ")";
    refuse_message(rows, place,
                   "found the role '" + found + "', expected " + expected +
                       "; say which of these it is, as `data.roles: {" + found + ": assistant}`");
  }
  if (role == "system" && place > 0) {
    refuse_message(rows, place, "found a system text, expected it as the first message, or none");
  }
  return {.role = role, .content = text_of(message, names_.content, place, rows)};
}

Conversation MessageReader::read(const Value& row, std::string_view column, const RowSource& rows) const {
  const Value& messages = row.at(column);
  if (!messages.is_list()) {
    refuse_row(rows, "found " + std::string(type_name(messages.type())) + " in the column '" +
                         std::string(column) + "', expected a list of {" + names_.role + ", " +
                         names_.content + "}");
  }
  Conversation conversation;
  for (const Value& message : messages.as_list()) {
    conversation.turns.push_back(turn(message, conversation.turns.size(), rows));
  }
  return conversation;
}

std::string first_question(const Conversation& conversation) {
  for (const Turn& turn : conversation.turns) {
    if (turn.role == "user") return turn.content;
  }
  return "";
}

std::string id_in(const Value& row) {
  const Value* id = row.find("id");
  if (id != nullptr && id->is_text()) return id->as_text();
  return id != nullptr && id->is_integer() ? std::to_string(id->as_integer()) : "";
}

std::string keys_of(const Value& map) {
  std::string text;
  for (const auto& [key, value] : map.as_map()) text += (text.empty() ? "" : ", ") + key;
  return text.empty() ? "nothing" : text;
}

}  // namespace peft
