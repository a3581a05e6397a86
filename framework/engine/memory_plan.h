// How much of a step is computed at once, so that a run stays below its memory limit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/memory_estimate.h"

namespace peft::host {

struct MemoryPlan {
  int64_t tokens_per_microbatch = whole_batches;
  int64_t limit = 0;  // bytes
  MemoryPeak peak;    // as foretold; 0 bytes on a device where it is not

  // "micro-batches of at most 896 tokens; predicted peak 1.2 GB of 17.8 GB".
  std::string text() const;
  // Where what the recipe asks for is above the limit.
  std::optional<std::string> warning() const;
};

// Puts a number in the place of `tokens_per_microbatch: auto`: the largest that keeps the run's peak below
// its limit. Throws `peft::UsageError` where not even one example at a time does, with the figures and what
// to lower. `session` has shapes only.
MemoryPlan plan_memory(Recipe& recipe, const Session& session, const RunData& data, PluginSet& plugins);

}  // namespace peft::host
