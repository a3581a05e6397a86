// `key=value` on the command line.
#pragma once

#include <string>
#include <vector>

#include "recipe/diagnostics.h"
#include "recipe/node.h"

namespace peft::host {

// Sets `a.b.c=value` in `root`, one after the other. A value is YAML: a scalar, `[…]` or `{…}`; nothing is
// null. List items go by their index; the index one past the last appends. Maps that are not there yet are
// made, and a name alone becomes a map (`methods.0.lora.rank=16` where the recipe has `- lora`). Whether a
// key is known is checked with the rest of the recipe.
void apply_overrides(Node& root, const std::vector<std::string>& overrides, Diagnostics& diagnostics);

}  // namespace peft::host
