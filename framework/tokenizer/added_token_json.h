// An added token as Hugging Face's JSON files write it.
#pragma once

#include "peft/value.h"
#include "tokenizer/added_tokens.h"

namespace peft::host {

// {"id": 0, "content": "<|endoftext|>", "special": true, "lstrip": false, "rstrip": false, "normalized":
// false, "single_word": false}. `id` may be absent (0) where it stands elsewhere. Throws peft::Error without
// a file's name.
AddedToken read_added_token(const Value& token);

}  // namespace peft::host
