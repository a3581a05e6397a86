// How much memory a run will take.
#pragma once

#include <cstdint>

#include "engine/run_data.h"
#include "engine/session.h"

namespace peft::host {

// Bytes, roughly: the base, what is trained with its gradient and two moments, the activations of the batch
// with the most tokens, and the logits that exist at once. The process itself adds a few hundred megabytes.
int64_t estimate_memory(const Recipe& recipe, const Session& session, const RunData& data);

}  // namespace peft::host
