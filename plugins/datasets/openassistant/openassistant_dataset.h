// OpenAssistant's trees of messages as conversations: threads from root to leaf.
#pragma once

#include <string>
#include <vector>

#include "peft/dataset.h"

namespace peft::openassistant {

struct OpenAssistantOptions {
  std::vector<std::string> lang = {"en"};
  std::string replies = "best";
};

class OpenAssistantDataset : public Dataset {
 public:
  explicit OpenAssistantDataset(OpenAssistantOptions options);
  void read(RowSource& rows, ExampleSink& examples) const override;

 private:
  OpenAssistantOptions options_;
};

DatasetDescriptor descriptor();

}  // namespace peft::openassistant
