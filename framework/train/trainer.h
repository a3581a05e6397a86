// The optimiser steps of a run. What a step does depends on the seed, the examples and the step's number
// alone, and on the trained tensors and the optimiser's moments: with those put back, a run goes on as if it
// had never stopped.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "data/encoded_examples.h"
#include "peft/batch.h"
#include "peft/model.h"
#include "peft/random.h"
#include "peft/task.h"
#include "peft/training_hooks.h"
#include "train/adamw.h"
#include "train/schedule.h"

namespace peft::host {

struct TrainOptions {
  uint64_t seed = 42;
  bool shuffle = true;
  int64_t batch_size = 8;  // examples of a part of a step
  int64_t accumulate = 1;  // parts of a step
  // Above 0, a step's examples are computed in micro-batches of at most so many tokens instead of its parts.
  int64_t tokens_per_microbatch = 0;
  bool recompute = false;  // activations, block by block
  int64_t epochs = 3;
  int64_t steps = 0;  // optimiser steps of the run; 0: as many as `epochs` need
  double learning_rate = 5e-5;
  ScheduleKind schedule = ScheduleKind::linear;
  double warmup = 0.0;
  double weight_decay = 0.0;
  double clip = 1.0;  // 0: no clipping
};

// What is computed together.
struct MicrobatchSize {
  int64_t tokens = 0;  // virtual ones of prompts counted
  int64_t sequences = 0;
  bool first = true;  // of its step: there are no gradients yet

  bool operator<(const MicrobatchSize& other) const {
    return std::tie(tokens, sequences, first) < std::tie(other.tokens, other.sequences, other.first);
  }
};

struct StepReport {
  int64_t step = 0;            // from 1
  double epoch = 0.0;          // passes over the data, this step included
  double loss = 0.0;           // mean over the step's targets
  double learning_rate = 0.0;  // as applied
  double gradient_norm = 0.0;  // before clipping
  int64_t tokens = 0;          // real ones
  double seconds = 0.0;
  std::optional<double> penalty;  // what methods add to the loss (see TrainingHooks); not in `loss`
};

int64_t steps_per_epoch(const TrainOptions& options, int64_t examples);
// Optimiser steps of the whole run.
int64_t total_steps(const TrainOptions& options, int64_t examples);

class Trainer {
 public:
  // All must outlive the trainer. `examples` is not empty, and each has a target. Throws `peft::UsageError`
  // where nothing is trained, and where a method does not fit the number of steps.
  Trainer(Model& model, AdapterSet& set, const Task& task, EncodedExamples examples,
          const TrainOptions& options);

  int64_t steps_per_epoch() const { return steps_per_epoch_; }
  int64_t total_steps() const { return total_steps_; }
  // Steps that are done.
  int64_t step() const { return step_; }
  bool done() const { return step_ >= total_steps_; }

  // For each of these numbers in the place of `tokens_per_microbatch`, the sizes that the micro-batches of
  // all steps have, each once: known before the first step. Walks the steps once for all of them.
  std::vector<std::vector<MicrobatchSize>> microbatch_sizes(const std::vector<int64_t>& budgets) const;

  // The next optimiser step. Throws `peft::Error` where the loss or the gradient is not finite; no tensor is
  // changed then.
  StepReport advance();

  AdamW& optimizer() { return optimizer_; }
  // Goes on after step `step`; the caller has put tensors and moments back.
  void resume_after(int64_t step) { step_ = step; }

 private:
  // The places in `examples_` of a step's examples.
  std::vector<size_t> places_of(int64_t step) const;
  // Which of a step's examples, of so many tokens, are computed together.
  std::vector<std::vector<size_t>> microbatches(const std::vector<int64_t>& tokens, int64_t budget) const;

  Model& model_;
  AdapterSet& set_;
  const Task& task_;
  EncodedExamples examples_;
  TrainOptions options_;
  AdamW optimizer_;
  std::vector<TrainingHooks*> hooks_;  // of the methods that have some and are trainable
  RandomStream random_;
  Schedule schedule_;
  int64_t steps_per_epoch_ = 0;
  int64_t total_steps_ = 0;
  int64_t step_ = 0;
  // The order of the examples in the epoch that was asked for last.
  mutable int64_t ordered_epoch_ = -1;
  mutable std::vector<int64_t> order_;
};

// The order of `count` examples in an epoch, from 0: a permutation that depends on seed and epoch alone
// (Fisher and Yates). So it is for data larger than memory, too, which is not a stream here: examples are
// taken by number from a file (data/token_store.h). Every order is as likely as any other, and a run that
// goes on has the one it stopped in.
std::vector<int64_t> epoch_order(int64_t count, bool shuffle, const RandomStream& random, int64_t epoch);

}  // namespace peft::host
