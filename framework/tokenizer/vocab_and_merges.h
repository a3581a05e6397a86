// vocab.json and merges.txt, the files of GPT-2's first release.
#pragma once

#include <filesystem>

#include "tokenizer/definition.h"

namespace peft::host {

// Reads both: GPT-2's tokenizer; no added tokens yet. Throws peft::Error with the file, and the line in
// merges.txt.
TokenizerDefinition read_vocab_and_merges(const std::filesystem::path& vocab_json,
                                          const std::filesystem::path& merges_txt);

}  // namespace peft::host
