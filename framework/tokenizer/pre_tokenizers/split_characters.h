// Cuts at characters of a class: Whitespace, WhitespaceSplit, Digits, Punctuation.
#pragma once

#include <cstdint>

#include "tokenizer/component.h"
#include "tokenizer/pre_tokenizer.h"
#include "tokenizer/split_behavior.h"

namespace peft::host {

// White space goes; nothing else is cut.
class WhitespaceSplit final : public PreTokenizer {
 public:
  explicit WhitespaceSplit(const Component& description) { description.only_keys({}); }
  void pre_tokenize(Words& words) const override;
};

// \w+|[^\w\s]+ : words and what is neither word nor white space.
class Whitespace final : public PreTokenizer {
 public:
  explicit Whitespace(const Component& description) { description.only_keys({}); }
  void pre_tokenize(Words& words) const override;
};

// Runs of digits, or each of them, are words of their own.
class Digits final : public PreTokenizer {
 public:
  explicit Digits(const Component& description)
      : behavior_(description.flag("individual_digits", false) ? SplitBehavior::isolated
                                                               : SplitBehavior::contiguous) {
    description.only_keys({"individual_digits"});
  }
  void pre_tokenize(Words& words) const override;

 private:
  SplitBehavior behavior_;
};

class Punctuation final : public PreTokenizer {
 public:
  explicit Punctuation(const Component& description)
      : behavior_(read_behavior(description, SplitBehavior::isolated)) {
    description.only_keys({"behavior"});
  }
  void pre_tokenize(Words& words) const override;

 private:
  SplitBehavior behavior_;
};

}  // namespace peft::host
