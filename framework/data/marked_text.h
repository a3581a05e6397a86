// An encoded example as text again, its targets marked: what `validate` shows.
#pragma once

#include <string>
#include <vector>

#include "peft/batch.h"
#include "tokenizer/tokenizer.h"

namespace peft::host {

// Neighbouring tokens that are all targets, or none of them.
struct MarkedText {
  std::string text;  // special tokens written out
  bool trained = false;

  bool operator==(const MarkedText&) const = default;
};

// Made from the ids themselves, so that it shows what is trained on, not what was meant.
std::vector<MarkedText> marked_text(const Tokenizer& tokenizer, const EncodedSequence& sequence);

}  // namespace peft::host
