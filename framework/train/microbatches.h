// Micro-batches: the parts of an optimiser step that are computed one after the other, their gradients added
// up. Which examples are computed together changes no gradient but in the order of its sums: a batch has no
// padding, the loss is divided by the whole step's targets, and random masks are keyed by example.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace peft::host {

// Places in `tokens` (of each example, in the step's order), each once, in parts of at most `budget` tokens:
// the longest first, those of a length by their place, each into the first part that has room. An example
// above the budget is a part of its own. The parts depend on the arguments alone.
std::vector<std::vector<size_t>> pack_by_tokens(const std::vector<int64_t>& tokens, int64_t budget);

// Places in parts of `count` examples, in the step's order.
std::vector<std::vector<size_t>> parts_of(size_t examples, size_t count);

}  // namespace peft::host
