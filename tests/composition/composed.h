// Methods together on a tiny model, with the task it is trained for, and its examples.
#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "checkpoint/checkpoint.h"
#include "method_cases.h"
#include "peft/task.h"
#include "tiny_family.h"
#include "train/trainer.h"

namespace peft::test {

enum class Sets { one, one_each };  // for all methods together, or for each

struct Composed {
  // The task's head, where it has one, comes last, in a set as the others. Of two cases of the same name, the
  // second is called NAME_again.
  Composed(const TinyFamily& family, const Composition& cases, at::ScalarType dtype, Sets layout = Sets::one,
           FilesHead head = FilesHead::absent);

  std::vector<MethodInstance*> methods() const;
  std::vector<ActiveSet> active() const;
  // The sum over all examples, with dropout where training.
  at::Tensor loss(bool training);
  // The logits of all real tokens, [N, vocabulary], or each example's scores, [examples, labels]. Without
  // gradient.
  at::Tensor outputs(const std::vector<ActiveSet>& with);

  std::vector<std::unique_ptr<AdapterSet>> sets;  // outlive the model they are on
  std::unique_ptr<Model> model;
  std::unique_ptr<Task> task;
  std::vector<EncodedExample> examples;
};

// Moves every trained tensor from where it starts: those at zero hide each other's gradients.
void perturb(Composed& composed);

// Of a tensor whose gradient has been computed: along a random direction, against central differences of the
// loss.
void check_gradient(Composed& composed, MethodTensor& entry);

// A run of a few optimiser steps.
struct Training {
  Training(const TinyFamily& family, const Composition& cases, int64_t steps);

  host::Checkpoint checkpoint();
  void resume(const host::Checkpoint& from);
  void advance_to(int64_t step);

  Composed composed;
  host::Trainer trainer;
};

// What a run came to.
struct Trained {
  host::Checkpoint saved;
  at::Tensor outputs;
  std::vector<std::string> unchanged = {};  // METHOD/TENSOR that should have been trained
};

// Trains: the loss falls, the base does not change, and the same run resumed halfway has the same bits.
Trained check_training(const TinyFamily& family, const Composition& cases, int64_t steps);

// As it is read again from a file.
host::Checkpoint through_a_file(const host::Checkpoint& checkpoint);

}  // namespace peft::test
