// How virtual and real tokens lie in the rows of a forward.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "peft/batch.h"

namespace peft {

struct PackedRows {
  Rows rows;
  std::vector<int64_t> positions;  // [N'] position ids
  std::vector<int64_t> source;     // [N'] where the row's embedding is: a virtual token (0 … prompt-1), or
                                   // prompt + index of the real token
  std::vector<int64_t> real;       // [N] the row of each real token
};

// `first_positions[s]`: the position id of the first row of sequence s. `prompt`: virtual tokens in front of
// each sequence.
PackedRows lay_out(const PackedSequences& sequences, int64_t prompt,
                   const std::vector<int64_t>& first_positions);

// Some of the rows, in the order of `chosen`. They are no whole sequences any more.
Rows some_rows(const Rows& rows, std::span<const int64_t> chosen);

}  // namespace peft
