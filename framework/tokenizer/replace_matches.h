// A text written for every match of a pattern.
#pragma once

#include <string>
#include <string_view>

#include "tokenizer/pattern.h"

namespace peft::host {

void replace_matches(const Pattern& pattern, std::string_view content, std::string& text);

}  // namespace peft::host
