// What tokenizer_config.json, special_tokens_map.json and the older added_tokens.json say about a tokenizer's
// special and added tokens.
#pragma once

#include <filesystem>

#include "tokenizer/byte_level_bpe.h"

namespace peft::host {

// Completes `definition` with what stands beside its vocabulary, as transformers' GPT-2 tokenizer does:
// tokens that are declared special or added there, `add_prefix_space`, and the end-of-text token. A role that
// no file speaks of is <|endoftext|>, if the vocabulary has it. added_tokens.json counts where the
// configuration has no `added_tokens_decoder`. Each file may be absent. Throws peft::Error naming the file.
void read_special_tokens_config(const std::filesystem::path& folder, ByteLevelBpeDefinition& definition);

}  // namespace peft::host
