// The learning rate over the run, as Hugging Face's schedules have it.
#pragma once

#include <cstdint>
#include <string>

namespace peft::host {

enum class ScheduleKind { constant, linear, cosine };

// "constant", "linear", "cosine"; throws `peft::UsageError` for anything else.
ScheduleKind schedule_kind(const std::string& name);

struct Schedule {
  ScheduleKind kind = ScheduleKind::linear;
  int64_t warmup_steps = 0;
  int64_t total_steps = 1;

  // What the base learning rate is multiplied by in optimiser step `step`, counted from 1. During warm-up
  // (step - 1) / warmup_steps.
  double factor(int64_t step) const;
};

// Below 1 a fraction of the run, rounded up; else a number of steps.
int64_t warmup_steps(double warmup, int64_t total_steps);

}  // namespace peft::host
