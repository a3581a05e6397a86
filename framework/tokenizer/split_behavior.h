// What becomes of the matches when a text is split at them.
#pragma once

#include <string_view>
#include <vector>

#include "tokenizer/component.h"
#include "tokenizer/pattern.h"

namespace peft::host {

enum class SplitBehavior { removed, isolated, merged_with_previous, merged_with_next, contiguous };

// As tokenizer.json names it: "Removed", "Isolated" … `absent` where the key is.
SplitBehavior read_behavior(const Component& description, SplitBehavior absent);

// Changes the stretches into the parts that they leave. (What `matches` says of a part then means nothing.)
void apply_behavior(SplitBehavior behavior, std::vector<Match>& matches);

}  // namespace peft::host
