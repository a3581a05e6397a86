// How answers are generated.
#pragma once

#include <cstdint>
#include <vector>

namespace peft::host {

struct GenerationOptions {
  int64_t max_new_tokens = 64;
  double temperature = 0.0;         // 0: greedy; top_k and top_p have no effect then
  int64_t top_k = 0;                // 0: all tokens
  double top_p = 1.0;               // 1: all tokens
  double repetition_penalty = 1.0;  // 1: none; acts on greedy decoding too
  uint64_t seed = 0;
  int64_t beams = 1;            // above 1: beam search, without sampling
  double length_penalty = 1.0;  // of beams: what ends is compared by its log-likelihood / length^penalty
  // A sequence ends where one of these is chosen; it is no part of the answer.
  std::vector<int64_t> stop;
};

}  // namespace peft::host
