// How much is computed at once, in words: for the run's log and for the preflight.
#pragma once

#include <cstdint>
#include <string>

namespace peft::host {

// "micro-batches of at most 896 tokens"; "batches computed whole" for `whole_batches`.
std::string microbatch_text(int64_t tokens_per_microbatch);

}  // namespace peft::host
