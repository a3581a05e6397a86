#include "openassistant_dataset.h"

#include <algorithm>
#include <utility>

#include "forest.h"
#include "message.h"
#include "peft/error.h"

namespace peft::openassistant {
namespace {

const Options<OpenAssistantOptions>& openassistant_options() {
  static const Options<OpenAssistantOptions> options = [] {
    Options<OpenAssistantOptions> table;
    table.add("lang", &OpenAssistantOptions::lang,
              "languages of messages that are kept, or all; a message without one is kept");
    table.add("replies", &OpenAssistantOptions::replies,
              "best: one thread a tree, the best-ranked reply at each turn; all: every thread",
              std::vector<std::string>{"best", "all"});
    return table;
  }();
  return options;
}

ThreadChoice choice(const OpenAssistantOptions& options) {
  ThreadChoice result;
  result.best_replies = options.replies == "best";
  if (std::find(options.lang.begin(), options.lang.end(), "all") == options.lang.end()) {
    result.languages.insert(options.lang.begin(), options.lang.end());
  }
  return result;
}

// A tree has the name of its root, whether the file says so again or not.
std::string tree_of(const Message& root, size_t number) {
  if (!root.tree.empty()) return root.tree;
  return root.id.empty() ? "tree " + std::to_string(number) : root.id;
}

}  // namespace

OpenAssistantDataset::OpenAssistantDataset(OpenAssistantOptions options) : options_(std::move(options)) {
  if (options_.lang.empty()) {
    throw UsageError("data.lang: found no language, expected at least one, or all");
  }
}

void OpenAssistantDataset::read(RowSource& rows, ExampleSink& examples) const {
  const std::vector<Message> messages = read_messages(rows, examples);
  for (const Thread& thread : find_threads(messages, choice(options_), examples)) {
    Conversation conversation;
    for (const size_t i : thread.messages) {
      const Message& message = messages[i];
      conversation.turns.push_back(
          {.role = message.from_assistant ? "assistant" : "user", .content = message.text});
    }
    examples.add({.content = std::move(conversation), .group = tree_of(messages[thread.root], thread.root)});
  }
}

DatasetDescriptor descriptor() {
  return {.name = "openassistant",
          .summary = "OpenAssistant's trees of messages, as rows of messages or of trees",
          // A row has the columns of a message or those of a tree, so the host can ask for none; the dataset
          // does.
          .columns = {},
          .optional_columns = {"message_id", "parent_id", "message_tree_id", "text", "role", "lang", "rank",
                               "deleted", "prompt", "replies"},
          .options = openassistant_options().table(),
          .create = [](const Value& options) {
            return std::make_unique<OpenAssistantDataset>(openassistant_options().read(options));
          }};
}

}  // namespace peft::openassistant
