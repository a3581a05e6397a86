// Batches without padding: the tokens of all sequences end to end, with offsets.
//
// B = sequences, N = tokens of all sequences together, M = any number of rows, d = hidden size.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace peft {

// The label of a token that is not a target.
inline constexpr int64_t no_target = -100;

// What a task makes of an example: token ids, and per token either its own id, where it is a target, or
// `no_target`.
struct EncodedSequence {
  std::vector<int64_t> ids;
  std::vector<int64_t> labels;  // as long as ids, or empty: no targets
};

struct EncodedExample {
  // One; two for a preference (chosen, rejected). Of an encoder-decoder: what its encoder reads.
  std::vector<EncodedSequence> inputs;
  // What an encoder-decoder's decoder reads, one for each input; otherwise empty.
  std::vector<EncodedSequence> decoder_inputs;
  // Of a classification or a regression.
  double target = 0.0;
  // The example's number in its dataset: the key of its random masks.
  int64_t index = 0;
};

// Sequences packed end to end.
struct PackedSequences {
  at::Tensor ids;                 // [N] int64
  at::Tensor labels;              // [N] int64, `no_target` where a token is none
  std::vector<int64_t> offsets;   // [B + 1]; sequence s is rows offsets[s] … offsets[s+1]-1
  std::vector<int64_t> examples;  // [B] the dataset's number of the example each sequence belongs to

  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t tokens() const { return offsets.empty() ? 0 : offsets.back(); }
};

struct Batch {
  PackedSequences input;
  PackedSequences decoder;            // empty but for encoder-decoders
  int64_t sequences_per_example = 1;  // 2 for preferences: chosen, rejected, chosen, …
  at::Tensor targets;                 // [examples] float64: labels or scores
  int64_t real_tokens() const { return input.tokens() + decoder.tokens(); }
};

// Packs examples in the order given. All must have the same number of inputs.
Batch pack(const std::vector<const EncodedExample*>& examples, const at::Device& device);

// Which example and which place in it each row of a [M, d] matrix belongs to. Random masks are keyed by it,
// so an attachment may be fed any rows: a micro-batch, target rows alone, the one new token of a decoding
// step.
struct Rows {
  std::vector<int64_t> example;  // [M]
  std::vector<int64_t> place;    // [M] from 0, virtual tokens counted
  // Sequence s is rows offsets[s] … offsets[s+1]-1 where the rows are whole sequences; empty where they are
  // not.
  std::vector<int64_t> offsets;
};

}  // namespace peft
