// Tasks: what an example means as tokens, and what is minimised.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peft/batch.h"
#include "peft/component.h"
#include "peft/example.h"
#include "peft/forward.h"
#include "peft/method.h"
#include "peft/metric.h"
#include "peft/model.h"
#include "peft/options.h"
#include "peft/text_codec.h"

namespace peft {

// What a task needs to encode examples. The host renders conversations by the recipe's template.
class EncodeContext {
 public:
  virtual ~EncodeContext();
  virtual const TextCodec& codec() const = 0;
  virtual int64_t max_length() const = 0;  // without virtual tokens
  virtual int64_t max_target_length() const = 0;
  // What the model's decoder starts from; nothing for a model that is no encoder-decoder.
  virtual std::optional<int64_t> decoder_start() const;
  // A conversation as tokens and targets, shortened to max_length as the template says. Counts what it cut.
  virtual EncodedSequence render(const Conversation& conversation) = 0;
  // The tokens of a conversation to be answered: it ends where the answer begins. At most `max_length`.
  virtual std::vector<int64_t> render_prompt(const Conversation& conversation, int64_t max_length) = 0;
  // A document's tokens, end-of-text after them; cut at max_length, and then without end-of-text.
  virtual EncodedSequence render(const Text& text) = 0;
};

// A prompt to be answered and the answer in the data.
struct PromptAndReference {
  Conversation prompt;
  std::string reference;
};

// The sum over a batch of what is minimised, and how much of it there is (target tokens, or examples): the
// host divides the sum over a whole optimiser step by the count over that step.
struct LossSum {
  at::Tensor sum;  // scalar, differentiable
  int64_t count = 0;
};

// Forwards a task may run on a batch: with the sets that are trained, and with those it is compared to (the
// base alone, or the set the recipe names as the reference), which is never trained.
struct TaskStep {
  Model& model;
  const Batch& batch;
  const ForwardOptions& policy;
  const ForwardOptions& reference;
};

class Task : public Component {
 public:
  ~Task() override;
  // Nothing where the example has no target left: the host counts and skips it. The result depends on the
  // example, the context and the task's options alone: it is kept for later runs. Called from several threads
  // at once, each with a context of its own. Throws `peft::UsageError` for an example of a kind the task does
  // not take, naming both.
  virtual std::optional<EncodedExample> encode(const Example& example, EncodeContext& context) const = 0;
  // Targets an example adds to the count, with so many virtual tokens in front of it: known before the
  // forward, so that the parts of an optimiser step can be divided by their common count.
  virtual int64_t target_count(const EncodedExample& example, int64_t virtual_tokens_in_front) const = 0;
  virtual LossSum loss(const TaskStep& step) const = 0;
  // Per example of the batch what metrics are fed with: the likelihood, or labels and scores. Called without
  // gradient.
  virtual std::vector<Measured> measure(const TaskStep& step) const = 0;
  // The prompt by which generation is measured; nothing for a task or an example that has none.
  virtual std::optional<PromptAndReference> prompt(const Example& example) const;
  // The tokens of a prompt to be answered, at most `max_length`: by default a conversation in the recipe's
  // template.
  virtual std::vector<int64_t> encode_prompt(const Conversation& prompt, EncodeContext& context,
                                             int64_t max_length) const;
  // Throws `peft::UsageError` for a model the task cannot be done with, naming both.
  virtual void check(const Model& model) const;
  // What stands at the model's head site; null: nothing. The host attaches it as a method called `head`,
  // which is trained and saved with the others. What is compared with the tuned model is the base with this
  // head as it starts.
  virtual std::unique_ptr<Method> head() const;
};

struct TaskDescriptor {
  std::string name;
  std::string summary;
  std::string peft_task_type;  // Hugging Face PEFT's name for it: "CAUSAL_LM"
  OptionTable options;
  std::function<std::unique_ptr<Task>(const Value& options)> create;
};

}  // namespace peft
