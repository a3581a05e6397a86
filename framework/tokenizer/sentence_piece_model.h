// SentencePiece's own file: T5's spiece.model, Llama-2's tokenizer.model.
#pragma once

#include <filesystem>

#include "peft/value.h"
#include "tokenizer/definition.h"

namespace peft::host {

// Reads one as transformers converts it, so that ids are those of its fast tokenizers, which differ from
// SentencePiece's own here and there: a unigram model becomes T5's tokenizer (with `extra_ids` of `config`,
// the folder's tokenizer_config.json; 100 where it is silent), a BPE model Llama's (with `legacy` and
// `add_prefix_space`). Throws peft::Error naming the file.
TokenizerDefinition read_sentence_piece_model(const std::filesystem::path& file, const Value& config);

}  // namespace peft::host
