#include "conversations_dataset.h"

#include <utility>

namespace peft::conversations {
namespace {

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

ConversationsDataset::ConversationsDataset(ConversationsOptions options)
    : messages_({.roles = std::move(options.roles)}) {}

void ConversationsDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  Conversation conversation = messages_.read(row, "messages", rows);
  if (conversation.turns.empty()) return examples.count("conversations without messages");
  std::string group = id_in(row);
  if (group.empty()) group = first_question(conversation);
  examples.add({.content = std::move(conversation), .group = std::move(group)});
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
