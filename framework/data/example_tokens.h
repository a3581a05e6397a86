// How many tokens an example has. Header only: what trains and evaluates needs nothing else of this folder.
#pragma once

#include <cstdint>

#include "peft/batch.h"

namespace peft::host {

// Calls `visit(sequence)` for each sequence a model computes for the example, an encoder-decoder's targets
// included.
template <class Visit>
void for_each_sequence(const EncodedExample& example, Visit visit) {
  for (const auto* sequences : {&example.inputs, &example.decoder_inputs}) {
    for (const EncodedSequence& sequence : *sequences) visit(sequence);
  }
}

// The rows a model computes for the example, `virtual_tokens` in front of each of its sequences counted.
inline int64_t computed_tokens(const EncodedExample& example, int64_t virtual_tokens) {
  int64_t tokens = 0;
  for_each_sequence(example, [&](const EncodedSequence& sequence) {
    tokens += static_cast<int64_t>(sequence.ids.size()) + virtual_tokens;
  });
  return tokens;
}

inline int64_t sequence_count(const EncodedExample& example) {
  return static_cast<int64_t>(example.inputs.size() + example.decoder_inputs.size());
}

}  // namespace peft::host
