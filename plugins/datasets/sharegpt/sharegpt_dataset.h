// Conversations in ShareGPT's form: conversations, a list of {from, value}.
#pragma once

#include <map>
#include <string>

#include "peft/messages.h"
#include "peft/options.h"
#include "peft/row_dataset.h"

namespace peft::sharegpt {

struct ShareGptOptions {
  std::map<std::string, std::string> roles;
};

class ShareGptDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a role that is none of ours.
  explicit ShareGptDataset(const ShareGptOptions& options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  MessageReader messages_;
};

DatasetDescriptor descriptor();

}  // namespace peft::sharegpt
