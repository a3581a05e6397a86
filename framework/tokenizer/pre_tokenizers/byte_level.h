// Words as bytes, for a vocabulary in the byte alphabet; cut by GPT-2's pattern where `use_regex` is on.
#pragma once

#include "tokenizer/component.h"
#include "tokenizer/pre_tokenizer.h"

namespace peft::host {

// Hugging Face's writes each byte as a character of the alphabet; here the words stay as they are, and the
// vocabulary is read as bytes instead (ends_in_bytes): the same ids without a copy of the text.
class ByteLevel final : public PreTokenizer {
 public:
  explicit ByteLevel(const Component& description)
      : add_prefix_space_(description.flag("add_prefix_space", true)),
        use_regex_(description.flag("use_regex", true)) {
    description.only_keys({"add_prefix_space", "trim_offsets", "use_regex"});
  }

  void pre_tokenize(Words& words) const override;

 private:
  bool add_prefix_space_;
  bool use_regex_;
};

}  // namespace peft::host
