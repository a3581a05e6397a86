// Which examples belong together: no group stands on both sides of a split.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "peft/example.h"

namespace peft::host {

// The group of an example that its dataset gave none: one of all that ask the same, whatever the label,
// target or answers. Nothing that was trained on is asked again.
std::string group_by_content(const Example& example);

// Tells a group among those of other sources: a hash of its name and of what the example begins with (a
// conversation's first turn; a text as a whole). The name alone would not do: two files that number their
// conversations from 0 have all names in common, and nothing else.
uint64_t group_across_sources(const Example& example);

// Bytes of text, about.
size_t text_size(const Example& example);

}  // namespace peft::host
