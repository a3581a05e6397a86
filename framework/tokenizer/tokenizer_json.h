// tokenizer.json, the file of Hugging Face's tokenizers library.
#pragma once

#include <filesystem>

#include "tokenizer/definition.h"

namespace peft::host {

// Reads one. The model is read whole; the other parts are checked when a tokenizer is made of them. Settings
// of the model that would change ids and are not supported are a peft::Error naming them. What applies only
// when a caller asks for it (truncation, padding) is not looked at.
TokenizerDefinition read_tokenizer_json(const std::filesystem::path& file);

}  // namespace peft::host
