// How generated answers end, for metrics that count it.
#pragma once

namespace peft {

// Found by `query` on a Metric that needs generation.
class AnswerEndings {
 public:
  static constexpr const char* id = "peft.answer_endings.1";
  virtual ~AnswerEndings();
  // Once an answer, after the metric's `add` for the same example. `stopped`: the model ended the answer
  // itself, with the end-of-text token; false where it was cut off for its length.
  virtual void add_ending(bool stopped) = 0;
};

}  // namespace peft
