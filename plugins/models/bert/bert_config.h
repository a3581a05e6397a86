// BERT's configuration, by Hugging Face's names.
#pragma once

#include "encoder_description.h"
#include "peft/options.h"

namespace peft::bert {

const OptionTable& bert_options();

// Throws `peft::UsageError` listing everything that is impossible or not supported.
EncoderDescription describe_bert(const Value& config);

}  // namespace peft::bert
