// The template that a model comes with, for its tokenizer.
#pragma once

#include <filesystem>

#include "templates/template_texts.h"

namespace peft::host {

// Of a model's folder with its tokenizer. Throws `peft::UsageError` where it has none, and where texts cannot
// say what it does or give other tokens in parts than as a whole.
TemplateTexts read_model_template(const std::filesystem::path& folder);

}  // namespace peft::host
