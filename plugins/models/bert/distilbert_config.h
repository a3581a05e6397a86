// DistilBERT's configuration, by Hugging Face's names. `sinusoidal_pos_embds` says how a table of positions
// once started, which is read from the weights like any other.
#pragma once

#include "encoder_description.h"
#include "peft/options.h"

namespace peft::bert {

const OptionTable& distilbert_options();

// Throws `peft::UsageError` where a setting is impossible.
EncoderDescription describe_distilbert(const Value& config);

}  // namespace peft::bert
