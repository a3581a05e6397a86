// vocab.json and merges.txt, the files of GPT-2's first release.
#pragma once

#include <filesystem>

#include "tokenizer/byte_level_bpe.h"

namespace peft::host {

// Reads both; no added tokens yet. Throws peft::Error with the file, and the line in merges.txt.
ByteLevelBpeDefinition read_vocab_and_merges(const std::filesystem::path& vocab_json,
                                             const std::filesystem::path& merges_txt);

}  // namespace peft::host
