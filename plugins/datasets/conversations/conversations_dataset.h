// A conversation a row: `messages`, a list of {role, content}.
#pragma once

#include <map>
#include <string>

#include "peft/messages.h"
#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::conversations {

struct ConversationsOptions {
  // What the data calls the roles, and which of ours each is: {human: user, gpt: assistant}.
  std::map<std::string, std::string> roles;
};

class ConversationsDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a role that is none of ours.
  explicit ConversationsDataset(ConversationsOptions options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  MessageReader messages_;
};

DatasetDescriptor descriptor();

}  // namespace peft::conversations
