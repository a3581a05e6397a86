// Words between white space; every punctuation character is one of its own.
#pragma once

#include "tokenizer/component.h"
#include "tokenizer/pre_tokenizer.h"

namespace peft::host {

class BertPreTokenizer final : public PreTokenizer {
 public:
  explicit BertPreTokenizer(const Component& description) { description.only_keys({}); }

  void pre_tokenize(Words& words) const override;
};

}  // namespace peft::host
