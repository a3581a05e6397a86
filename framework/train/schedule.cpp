#include "train/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "peft/error.h"

namespace peft::host {

ScheduleKind schedule_kind(const std::string& name) {
  if (name == "constant") return ScheduleKind::constant;
  if (name == "linear") return ScheduleKind::linear;
  if (name == "cosine") return ScheduleKind::cosine;
  throw UsageError("the schedule '" + name + "' is unknown; expected constant, linear or cosine");
}

double Schedule::factor(int64_t step) const {
  const auto done = static_cast<double>(step - 1);
  const auto warmup = static_cast<double>(warmup_steps);
  const auto total = static_cast<double>(total_steps);
  if (step - 1 < warmup_steps) return done / std::max(1.0, warmup);
  switch (kind) {
    case ScheduleKind::constant: return 1.0;
    case ScheduleKind::linear: return std::max(0.0, (total - done) / std::max(1.0, total - warmup));
    case ScheduleKind::cosine: {
      const double progress = (done - warmup) / std::max(1.0, total - warmup);
      return std::max(0.0, 0.5 * (1.0 + std::cos(std::numbers::pi * progress)));
    }
  }
  return 1.0;
}

int64_t warmup_steps(double warmup, int64_t total_steps) {
  if (warmup < 1.0) return static_cast<int64_t>(std::ceil(warmup * static_cast<double>(total_steps)));
  return static_cast<int64_t>(warmup);
}

}  // namespace peft::host
