// How many ranks all updates together may have, step by step.
#pragma once

#include <cstdint>

#include "adalora_options.h"

namespace peft::adalora {

class RankSchedule {
 public:
  RankSchedule() = default;
  // Of a run of `total_steps`, for `updates` of them. Throws `peft::UsageError` where no step is left between
  // `tinit` and `tfinal`, or none to measure in before ranks are taken away.
  RankSchedule(const AdaLoraOptions& options, int64_t updates, int64_t total_steps);

  // Whether importance is measured after this step, from 1.
  bool measures(int64_t step) const { return step < last_; }
  // Whether ranks are allocated anew.
  bool allocates(int64_t step) const;
  // Whether ranks are what they will be.
  bool is_final(int64_t step) const { return step > last_; }

  // Ranks taken away from what there was at first: none up to `tinit`, then growing cubically to all but
  // `target_r` an update at the last allocation.
  int64_t pruned(int64_t step) const;

 private:
  int64_t begin_ = 0;  // the step after which ranks begin to go
  int64_t last_ = 0;   // the step of the last allocation
  int64_t interval_ = 1;
  int64_t ranks_at_first_ = 0;
  int64_t ranks_at_last_ = 0;
};

}  // namespace peft::adalora
