// Two answers a row, the first preferred: prompt, chosen, rejected, in the forms that TRL's datasets have.
//
//   prompt     chosen, rejected
//   text       texts: the answers
//   text       messages: the answer alone, or the whole conversation
//   messages   texts, or messages: the answer alone
//   none       messages: the whole conversation
//   none       texts: the whole conversation, as "\n\nHuman: …\n\nAssistant: …" (Anthropic's hh-rlhf)
#pragma once

#include <map>
#include <string>

#include "peft/messages.h"
#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::preferences {

struct PreferencesOptions {
  std::map<std::string, std::string> roles;
};

class PreferencesDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a role that is none of ours.
  explicit PreferencesDataset(PreferencesOptions options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  // The turns in a column, of whichever form; a text that is an answer is one assistant's turn.
  Conversation turns_in(const Value& row, const std::string& column, bool has_prompt,
                        const RowSource& rows) const;
  Conversation prompt_in(const Value& row, const RowSource& rows) const;

  MessageReader messages_;
};

DatasetDescriptor descriptor();

}  // namespace peft::preferences
