// Settings in tokenizer_config.json that change a tokenizer's stages.
#pragma once

#include "peft/value.h"
#include "tokenizer/definition.h"

namespace peft::host {

// `do_lower_case`, `strip_accents`, `tokenize_chinese_chars` (of a BertNormalizer), `add_prefix_space` (of
// ByteLevel) and `clean_up_tokenization_spaces`: as in transformers they count more than tokenizer.json.
void apply_stage_settings(const Value& config, TokenizerDefinition& definition);

// Once the special tokens are known: BERT's template or T5's where no file has one; for BPE a template after
// `add_bos_token` and `add_eos_token`, where these are given.
void complete_post_processor(const Value& config, TokenizerDefinition& definition);

}  // namespace peft::host
