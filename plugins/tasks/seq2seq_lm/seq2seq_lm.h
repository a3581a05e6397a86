// A text in, a text out, by an encoder-decoder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "peft/task.h"

namespace peft::seq2seq_lm {

struct Seq2SeqOptions {
  std::string source_prefix;  // "summarize: "
};

// The decoder reads its start token and the target; every token of the target is predicted, the
// end-of-text token too, as in Hugging Face (whose decoder inputs are the labels, shifted).
class Seq2SeqLm : public Task {
 public:
  explicit Seq2SeqLm(Seq2SeqOptions options) : options_(std::move(options)) {}

  std::optional<EncodedExample> encode(const Example& example, EncodeContext& context) const override;
  int64_t target_count(const EncodedExample& example, int64_t virtual_tokens_in_front) const override;
  LossSum loss(const TaskStep& step) const override;
  std::vector<Measured> measure(const TaskStep& step) const override;
  std::optional<PromptAndReference> prompt(const Example& example) const override;
  std::vector<int64_t> encode_prompt(const Conversation& prompt, EncodeContext& context,
                                     int64_t max_length) const override;
  void check(const Model& model) const override;

 private:
  std::vector<int64_t> source_ids(const std::string& source, EncodeContext& context,
                                  int64_t max_length) const;

  Seq2SeqOptions options_;
};

TaskDescriptor descriptor();

}  // namespace peft::seq2seq_lm
