// vocab.txt, the file of BERT's first release: an entry a line, its id the number of the line from 0.
#pragma once

#include <filesystem>

#include "tokenizer/definition.h"

namespace peft::host {

// BERT's tokenizer with this vocabulary, uncased unless tokenizer_config.json says otherwise; no added tokens
// yet. Throws peft::Error with the file and the line where two are the same.
TokenizerDefinition read_vocab_txt(const std::filesystem::path& file);

}  // namespace peft::host
