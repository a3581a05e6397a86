#include "sharegpt_dataset.h"

#include <utility>

namespace peft::sharegpt {
namespace {

const Options<ShareGptOptions>& options() {
  static const Options<ShareGptOptions> options = [] {
    Options<ShareGptOptions> table;
    table.add("roles", &ShareGptOptions::roles,
              "what else the data calls the roles, beside human and gpt: `{bing: assistant}`");
    return table;
  }();
  return options;
}

// Functions and their answers are nobody's words: they are refused by name, unless the recipe says whose.
std::map<std::string, std::string> with_usual_names(std::map<std::string, std::string> roles) {
  roles.merge(std::map<std::string, std::string>{{"human", "user"}, {"gpt", "assistant"}});
  return roles;
}

// A system text beside the list; empty where there is none, or null.
std::string system_of(const Value& row, const RowSource& rows) {
  const Value* system = row.find("system");
  if (system == nullptr || system->is_null()) return "";
  return text_in(row, "system", rows);
}

}  // namespace

ShareGptDataset::ShareGptDataset(const ShareGptOptions& options)
    : messages_({.role = "from", .content = "value", .roles = with_usual_names(options.roles)}) {}

void ShareGptDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  Conversation conversation = messages_.read(row, "conversations", rows);
  std::string system = system_of(row, rows);
  auto& turns = conversation.turns;
  if (turns.empty()) return examples.count("conversations without messages");
  if (!system.empty()) {
    if (turns.front().role == "system")
      refuse_row(rows, "found a system text in the column 'system' and another as message 1, expected one");
    turns.insert(turns.begin(), {.role = "system", .content = std::move(system)});
  }
  std::string group = id_in(row);
  if (group.empty()) group = first_question(conversation);
  examples.add({.content = std::move(conversation), .group = std::move(group)});
}

DatasetDescriptor descriptor() {
  return {.name = "sharegpt",
          .summary = "a conversation a row: conversations, a list of {from, value}",
          .columns = {"conversations"},
          .optional_columns = {"id", "system", "from", "value"},
          .structured_columns = {"conversations"},
          .options = options().table(),
          .create = [](const Value& values) {
            return std::make_unique<ShareGptDataset>(options().read(values));
          }};
}

}  // namespace peft::sharegpt
