// One label of several for each text, by a head of the task's own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peft/labelling.h"
#include "peft/options.h"
#include "peft/task.h"

namespace peft::classification {

struct ClassificationOptions {
  std::optional<int64_t> labels;   // absent: as many as there are names, or two
  std::vector<std::string> names;  // empty: LABEL_0, LABEL_1, …, as in Hugging Face's configurations
  double dropout = 0.0;
};

class Classification : public Task, public Labelling {
 public:
  // Throws `peft::UsageError` where names and labels are not as many, or a name stands twice.
  explicit Classification(const ClassificationOptions& options);

  std::optional<EncodedExample> encode(const Example& example, EncodeContext& context) const override;
  int64_t target_count(const EncodedExample& example, int64_t virtual_tokens_in_front) const override;
  // Cross-entropy, summed over the examples.
  LossSum loss(const TaskStep& step) const override;
  // The likelihood of the label (one token), the likeliest label and the scores of all.
  std::vector<Measured> measure(const TaskStep& step) const override;
  void check(const Model& model) const override;
  std::unique_ptr<Method> head() const override;
  std::vector<std::string> label_names() const override { return names_; }
  void* query(std::string_view wanted) noexcept override;

 private:
  std::vector<std::string> names_;  // one a label
  double dropout_;
};

TaskDescriptor descriptor();

}  // namespace peft::classification
