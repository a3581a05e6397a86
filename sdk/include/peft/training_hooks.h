// What a method may do in training beside having tensors that are trained.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace peft {

// Found by `query` on a Method; asked only where the method is trainable.
//
// What a method remembers from step to step it keeps in tensors declared with `trained` false: checkpoints
// hold them, so that a resumed run goes on as if it had never stopped.
class TrainingHooks {
 public:
  static constexpr const char* id = "peft.training_hooks.1";
  virtual ~TrainingHooks();
  // How many optimiser steps the run has; before the first one that is done in this process, and when a
  // recipe is validated. Throws `peft::UsageError` where the options do not fit it, naming both.
  virtual void begin(int64_t total_steps);
  // What each optimiser step's loss gets beside the task's, once a step: a differentiable scalar, or
  // undefined.
  virtual at::Tensor penalty() const;
  // After the update of optimiser step `step`, from 1, in which the trained tensors still have the gradients
  // that the update was made from, clipped. May change the method's own tensors in place.
  virtual void after_update(int64_t step);
};

}  // namespace peft
