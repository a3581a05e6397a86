// Cuts where a pattern matches.
#pragma once

#include <functional>
#include <memory>

#include "tokenizer/component.h"
#include "tokenizer/pattern.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/split_behavior.h"

namespace peft::host {

// {"pattern": {"Regex": …}, "behavior": "Isolated", "invert": false}. The patterns of GPT-2, Qwen2 and
// Llama-3 are known by their text and cut by automata.
class PatternSplit final : public PreTokenizer {
 public:
  explicit PatternSplit(const Component& description);

  void pre_tokenize(Words& words) const override;

 private:
  std::function<std::size_t(std::string_view)> first_word_;  // of an automaton; empty: the pattern counts
  std::unique_ptr<Pattern> pattern_;
  SplitBehavior behavior_;
  bool invert_;
};

}  // namespace peft::host
