#include "rank_schedule.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "peft/error.h"

namespace peft::adalora {

RankSchedule::RankSchedule(const AdaLoraOptions& options, int64_t updates, int64_t total_steps)
    : begin_(options.tinit),
      last_(total_steps - options.tfinal),
      interval_(options.delta_t),
      ranks_at_first_(options.init_r * updates),
      ranks_at_last_(options.target_r * updates) {
  const int64_t first_possible = std::max<int64_t>(begin_, 1);
  if (last_ > first_possible) return;
  const int64_t needed = first_possible + 1 + options.tfinal;
  throw UsageError("'tinit' is " + std::to_string(options.tinit) + " and 'tfinal' " +
                   std::to_string(options.tfinal) + ", but the run has " + std::to_string(total_steps) +
                   (total_steps == 1 ? " step" : " steps") +
                   ": none is left to measure and take ranks away in; lower them, or train for at least " +
                   std::to_string(needed) + " steps");
}

bool RankSchedule::allocates(int64_t step) const {
  return step == last_ || (step > begin_ && step < last_ && step % interval_ == 0);
}

int64_t RankSchedule::pruned(int64_t step) const {
  const double done = static_cast<double>(step - begin_) / static_cast<double>(last_ - begin_);
  const auto above = static_cast<double>(ranks_at_first_ - ranks_at_last_);
  const double budget = above * std::pow(1.0 - done, 3.0) + static_cast<double>(ranks_at_last_);
  return ranks_at_first_ - static_cast<int64_t>(budget);
}

}  // namespace peft::adalora
