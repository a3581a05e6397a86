// Sequences that are decoded together, and the cache that goes with them.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "evaluate/generate.h"
#include "peft/forward.h"
#include "peft/model.h"

namespace peft::host {

// A sequence while it is decoded.
struct DecodedSequence {
  size_t prompt = 0;            // its place in the caller's list
  std::vector<int64_t> source;  // what an encoder has still to read
  std::vector<int64_t> seen;    // what the decoder has read: prompt or start token, and answer so far
  std::vector<int64_t> fresh;   // of these, what the cache does not have yet
  int64_t answered = 0;         // how many of `seen` are the answer

  void append(int64_t id);
  std::vector<int64_t> answer() const;
};

class DecodingBatch {
 public:
  // One sequence a prompt. The model and the sets must outlive the batch.
  DecodingBatch(Model& model, const std::vector<ActiveSet>& sets,
                const std::vector<GenerationPrompt>& prompts);

  const std::vector<DecodedSequence>& sequences() const { return sequences_; }
  // The scores behind the last token of each sequence, [sequences, vocabulary] float32 on the CPU. What is
  // fresh is in the cache then.
  at::Tensor next_scores();
  // Hands the sequences out, to be put back by `replace`.
  std::vector<DecodedSequence> take() { return std::exchange(sequences_, {}); }
  // Goes on with these sequences: number i with the cache of the one that was at `from[i]`.
  void replace(std::vector<DecodedSequence> sequences, const std::vector<int64_t>& from);
  // Whether the model has a position for one more token of the sequence at this place.
  bool has_room(size_t place) const;

 private:
  Batch fresh_tokens() const;

  Model& model_;
  KeyValueCache cache_;
  int64_t cached_;  // sequences in it
  ForwardOptions options_;
  std::vector<DecodedSequence> sequences_;  // in the cache's order
};

}  // namespace peft::host
