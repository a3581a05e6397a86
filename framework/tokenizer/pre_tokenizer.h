// The second stage: cuts a normalized text into words. Named as in Hugging Face's tokenizers.
#pragma once

#include <memory>

#include "peft/value.h"
#include "tokenizer/words.h"

namespace peft::host {

// Immutable; any thread.
class PreTokenizer {
 public:
  PreTokenizer() = default;
  PreTokenizer(const PreTokenizer&) = delete;
  PreTokenizer& operator=(const PreTokenizer&) = delete;
  virtual ~PreTokenizer();

  virtual void pre_tokenize(Words& words) const = 0;
};

// As tokenizer.json describes it; null for null. Throws peft::Error for what is not known.
std::unique_ptr<PreTokenizer> make_pre_tokenizer(const Value& description);

// Whether the last step is ByteLevel, so that the words are bytes for a vocabulary in the byte alphabet.
bool ends_in_bytes(const Value& description);

}  // namespace peft::host
