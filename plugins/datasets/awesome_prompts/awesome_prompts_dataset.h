// Prompts that make an assistant act as somebody: act, prompt (fka/awesome-chatgpt-prompts).
#pragma once

#include <string>

#include "peft/options.h"
#include "peft/pattern_text.h"
#include "peft/row_dataset.h"

namespace peft::awesome_prompts {

struct AwesomePromptsOptions {
  std::string examples = "text";
  std::string question = "Write a prompt that makes an assistant act as: {act}";
};

class AwesomePromptsDataset : public RowDataset {
 public:
  // Throws `peft::UsageError` for a question with braces around anything but act.
  explicit AwesomePromptsDataset(const AwesomePromptsOptions& options);
  void read_row(const Value& row, const RowSource& rows, ExampleSink& examples) const override;

 private:
  bool as_texts_;
  PatternText question_;
};

DatasetDescriptor descriptor();

}  // namespace peft::awesome_prompts
