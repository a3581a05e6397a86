// tokenizer.json, the file of Hugging Face's tokenizers library.
#pragma once

#include <filesystem>

#include "tokenizer/byte_level_bpe.h"

namespace peft::host {

// Reads one that describes a byte-level BPE as GPT-2's. Everything in it that would change ids and is not
// supported is a peft::Error naming it. What applies only when a caller asks for it (truncation, padding, the
// post-processor's special tokens) is not looked at.
ByteLevelBpeDefinition read_byte_level_tokenizer_json(const std::filesystem::path& file);

}  // namespace peft::host
