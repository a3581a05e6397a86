#include "awesome_prompts_dataset.h"

namespace peft::awesome_prompts {
namespace {

const Options<AwesomePromptsOptions>& options() {
  static const Options<AwesomePromptsOptions> options = [] {
    Options<AwesomePromptsOptions> table;
    table.add("examples", &AwesomePromptsOptions::examples,
              "text: the prompt as it stands; conversation: the user asks for an act, and the prompt answers",
              {"text", "conversation"});
    table.add("question", &AwesomePromptsOptions::question, "what the user of a conversation says");
    return table;
  }();
  return options;
}

}  // namespace

AwesomePromptsDataset::AwesomePromptsDataset(const AwesomePromptsOptions& options)
    : as_texts_(options.examples == "text"), question_("question", options.question, "act") {}

void AwesomePromptsDataset::read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const {
  const std::string& act = text_in(row, "act", rows);
  const std::string& prompt = text_in(row, "prompt", rows);
  if (prompt.empty()) return examples.count("rows with an empty prompt");
  if (as_texts_) return examples.add({.content = Text{prompt}, .group = ""});
  if (act.empty()) return examples.count("rows with an empty act");
  // Whoever asks for the same act asks the same, be it answered by other prompts.
  examples.add(
      {.content = Conversation{{{"user", question_.filled(act)}, {"assistant", prompt}}}, .group = act});
}

DatasetDescriptor descriptor() {
  return {.name = "awesome_prompts",
          .summary = "a prompt a row: act and prompt, as texts or as conversations",
          .columns = {"act", "prompt"},
          .optional_columns = {},
          .options = options().table(),
          .create = [](const Value& values) {
            return std::make_unique<AwesomePromptsDataset>(options().read(values));
          }};
}

}  // namespace peft::awesome_prompts
