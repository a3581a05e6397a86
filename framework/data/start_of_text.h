// What stands in front of every text a model reads.
#pragma once

#include <cstdint>
#include <vector>

#include "peft/text_codec.h"

namespace peft::host {

// The special tokens that the model's own tokeniser puts there: <s> for a Llama, none for a GPT-2. They are
// read, and never predicted.
std::vector<int64_t> start_of_text(const TextCodec& codec);

}  // namespace peft::host
