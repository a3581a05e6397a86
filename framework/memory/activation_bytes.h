// What computing takes beside weights: measured on a few tokens, stretched to many.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "memory/tensor_memory.h"
#include "peft/adapter_set.h"
#include "peft/model.h"

namespace peft::host {

// What is computed together: rows, virtual tokens of prompts counted, of so many sequences.
struct ComputedRows {
  int64_t rows = 0;
  int64_t sequences = 1;
};

// Bytes that grow with rows and sequences: the most at any moment of a computation, each moment growing in
// its own way. (What is the most on a few tokens, gradients of a large weight say, is not on many.)
class GrowingBytes {
 public:
  struct Moment {
    double constant = 0.0;
    double of_a_row = 0.0;
    double of_a_sequence = 0.0;

    double at(const ComputedRows& computed) const;
  };

  GrowingBytes() = default;  // nothing
  explicit GrowingBytes(std::vector<Moment> moments) : moments_(std::move(moments)) {}

  int64_t at(const ComputedRows& computed) const;
  const std::vector<Moment>& moments() const { return moments_; }

 private:
  std::vector<Moment> moments_;
};

// The tensors of a few phases, weights not counted, nor gradients of what is trained.
struct ActivationBytes {
  GrowingBytes kept;       // at the end of a training step's forward pass, for its backward pass
  GrowingBytes training;   // the most in forward and backward pass
  GrowingBytes inference;  // the most in a forward pass without gradient
  // The vocabulary projection's, a row a target; nothing for a model without one.
  GrowingBytes loss;       // the most while the loss and the gradient of its input are computed
  GrowingBytes loss_kept;  // of these, what waits for the backward pass
  GrowingBytes scoring;    // the most while the likelihood is computed, without gradient
  int64_t width = 0;       // of the residual stream, in elements

  // The most in the forward pass and the loss of a training step, all rows being targets.
  int64_t of_forward_and_loss(const ComputedRows& computed) const;
  // The most in its backward pass, while `gradients` bytes of what is trained come to be.
  int64_t of_backward(const ComputedRows& computed, int64_t gradients) const;
  // The most while the likelihood of the rows is measured.
  int64_t of_scoring(const ComputedRows& computed) const;
};

// Runs the model, with the set active and trained, on a few tokens, and measures its tensors. Model and set
// were made under `memory`; gradients of no meaning are left on the set's tensors.
ActivationBytes measure_activations(Model& model, AdapterSet& set, bool recompute, TensorMemory& memory);

}  // namespace peft::host
