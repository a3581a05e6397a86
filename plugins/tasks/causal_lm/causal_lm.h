// Next-token prediction on texts and conversations.
#pragma once

#include <optional>
#include <vector>

#include "peft/task.h"

namespace peft::causal_lm {

class CausalLm : public Task {
 public:
  std::optional<EncodedExample> encode(const Example& example, EncodeContext& context) const override;
  int64_t target_count(const EncodedExample& example, int64_t virtual_tokens_in_front) const override;
  LossSum loss(const TaskStep& step) const override;
  std::vector<Measured> measure(const TaskStep& step) const override;
  std::optional<PromptAndReference> prompt(const Example& example) const override;
  void check(const Model& model) const override;
};

TaskDescriptor descriptor();

}  // namespace peft::causal_lm
