// A task whose encoding is plain to see, and encoded examples to compare.
#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "peft/error.h"
#include "peft/task.h"

namespace peft::test {

inline bool same(const std::vector<EncodedSequence>& a, const std::vector<EncodedSequence>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& left, const auto& right) {
    return left.ids == right.ids && left.labels == right.labels;
  });
}

inline bool same(const EncodedExample& a, const EncodedExample& b) {
  return same(a.inputs, b.inputs) && same(a.decoder_inputs, b.decoder_inputs) && a.target == b.target &&
         a.index == b.index;
}

// A text's tokens; texts of an even length have no target. From the text `refused` on (texts are numbers),
// each is an error.
class LengthTask : public Task {
 public:
  explicit LengthTask(std::string refused = "") : refused_(std::move(refused)) {}

  std::optional<EncodedExample> encode(const Example& example, EncodeContext& context) const override {
    const Text& text = std::get<Text>(example.content);
    if (!refused_.empty() && std::stoi(text.text) >= std::stoi(refused_)) throw Error("refused " + text.text);
    EncodedExample encoded;
    encoded.inputs.push_back(context.render(text));
    if (refused_.empty() && text.text.size() % 2 == 0) return {};
    return encoded;
  }
  int64_t target_count(const EncodedExample& example, int64_t) const override {
    return static_cast<int64_t>(example.inputs.front().ids.size());
  }
  LossSum loss(const TaskStep&) const override { return {}; }
  std::vector<Measured> measure(const TaskStep&) const override { return {}; }

 private:
  std::string refused_;
};

}  // namespace peft::test
