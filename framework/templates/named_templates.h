// The templates that have a name.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "templates/template_texts.h"

namespace peft::host {

// "human_assistant", "chatml", "llama3", "plain", "empty".
const std::vector<std::string>& template_names();

// Throws `peft::UsageError` with the names there are.
const TemplateTexts& named_template(std::string_view name);

}  // namespace peft::host
