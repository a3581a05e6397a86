#include "message.h"

#include <charconv>
#include <unordered_map>
#include <utility>

#include "peft/error.h"
#include "peft/names.h"

namespace peft::openassistant {
namespace {

std::vector<std::string> keys(const Value& map) {
  std::vector<std::string> names;
  for (const auto& [key, value] : map.as_map()) names.push_back(key);
  return names;
}

// CSV files hold every value as text, nulls as empty text, and Python's True for true.
std::optional<double> number(const Value* value) {
  if (value == nullptr) return {};
  if (value->is_numeric()) return value->as_number();
  if (!value->is_text()) return {};
  const std::string& text = value->as_text();
  double result = 0.0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (problem != std::errc() || end != text.data() + text.size()) return {};
  return result;
}

bool is_true(const Value* value) {
  if (value == nullptr) return false;
  if (value->is_boolean()) return value->as_boolean();
  return value->is_text() && (value->as_text() == "true" || value->as_text() == "True");
}

// Null reads as empty.
std::string optional_text(const Value& map, const char* key) {
  const Value* value = map.find(key);
  return value != nullptr && value->is_text() ? value->as_text() : "";
}

class MessageReader {
 public:
  MessageReader(RowSource& rows, ExampleSink& counts) : rows_(rows), counts_(counts) {}

  std::vector<Message> read() {
    for (Value row; rows_.next(row);) {
      const Value* prompt = row.find("prompt");
      if (prompt != nullptr && prompt->is_map()) {
        add_tree(*prompt, optional_text(row, "message_tree_id"), {});
      } else {
        add(row, optional_text(row, "message_tree_id"), {});
      }
    }
    for (Message& message : messages_) {
      if (message.parent || message.parent_id.empty()) continue;
      const auto parent = numbers_.find(message.parent_id);
      if (parent != numbers_.end()) message.parent = parent->second;
    }
    return std::move(messages_);
  }

 private:
  void add_tree(const Value& map, const std::string& tree, std::optional<size_t> parent) {
    const size_t number = add(map, tree, parent);
    const Value* replies = map.find("replies");
    if (replies == nullptr || replies->is_null()) return;
    if (!replies->is_list())
      fail("found " + std::string(type_name(replies->type())) + " as replies, expected a list");
    for (const Value& reply : replies->as_list()) {
      if (!reply.is_map())
        fail("found " + std::string(type_name(reply.type())) + " among replies, expected messages");
      add_tree(reply, tree, number);
    }
  }

  // The number of the message, or of the earlier one of its id.
  size_t add(const Value& map, const std::string& tree, std::optional<size_t> parent) {
    Message message;
    message.id = optional_text(map, "message_id");
    if (message.id.empty() && !parent && map.find("replies") == nullptr) need(map, "message_id");
    if (!message.id.empty()) {
      const auto [known, is_new] = numbers_.emplace(message.id, messages_.size());
      if (!is_new) {
        counts_.count("messages with an id that came before");
        return known->second;
      }
    }
    message.parent = parent;
    if (!parent) message.parent_id = optional_text(map, "parent_id");
    message.tree = tree;
    message.from_assistant = role_is_assistant(map);
    message.rank = number(map.find("rank"));
    message.lang = optional_text(map, "lang");
    message.deleted = is_true(map.find("deleted"));
    message.text = message.deleted ? "" : need(map, "text");
    messages_.push_back(std::move(message));
    return messages_.size() - 1;
  }

  bool role_is_assistant(const Value& map) const {
    const std::string& role = need(map, "role");
    if (role == "assistant") return true;
    if (role == "prompter") return false;
    fail("found the role '" + role + "', expected prompter or assistant");
  }

  const std::string& need(const Value& map, const std::string& key) const {
    const Value* value = map.find(key);
    if (value != nullptr && value->is_text()) return value->as_text();
    if (value != nullptr) {
      fail("found " + std::string(type_name(value->type())) + " as '" + key + "', expected text");
    }
    const std::vector<std::string> found = keys(map);
    fail(
        "found the columns " + join(found) + ", expected '" + key + "'" + did_you_mean(key, found) +
        "; a row is a message (message_id, parent_id, text, role, and best also message_tree_id, lang, rank, "
        "deleted) or a tree (message_tree_id, prompt with its replies inside)");
  }

  [[noreturn]] void fail(const std::string& problem) const {
    throw Error(rows_.where() + ": error: " + problem);
  }

  RowSource& rows_;
  ExampleSink& counts_;
  std::vector<Message> messages_;
  std::unordered_map<std::string, size_t> numbers_;
};

}  // namespace

std::vector<Message> read_messages(RowSource& rows, ExampleSink& counts) {
  return MessageReader(rows, counts).read();
}

}  // namespace peft::openassistant
