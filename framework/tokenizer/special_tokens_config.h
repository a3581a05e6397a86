// What tokenizer_config.json, special_tokens_map.json and the older added_tokens.json say about a tokenizer.
#pragma once

#include <filesystem>

#include "tokenizer/definition.h"

namespace peft::host {

// Completes `definition` with what stands beside its vocabulary, as transformers does: tokens that are
// declared special or added there and what they are for, `add_prefix_space`, `do_lower_case` and its like,
// `add_bos_token`, `add_eos_token`. A role that no file speaks of has its kind's usual token (<|endoftext|>,
// [CLS], </s> …), if the vocabulary has it. added_tokens.json counts where the configuration has no
// `added_tokens_decoder`. Each file may be absent. Throws peft::Error naming the file.
void read_special_tokens_config(const std::filesystem::path& folder, TokenizerDefinition& definition);

}  // namespace peft::host
