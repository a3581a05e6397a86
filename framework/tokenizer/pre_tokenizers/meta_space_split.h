// Spaces as ▁; each begins a word where `split` is on.
#pragma once

#include "tokenizer/meta_space.h"
#include "tokenizer/pre_tokenizer.h"

namespace peft::host {

class MetaSpaceSplit final : public PreTokenizer {
 public:
  explicit MetaSpaceSplit(const Component& description) : form_(description) {}

  void pre_tokenize(Words& words) const override;

 private:
  MetaSpace form_;
};

}  // namespace peft::host
