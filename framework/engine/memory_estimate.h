// How much memory a run will take, before a weight is read.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/compiled_products.h"
#include "engine/run_data.h"
#include "engine/session.h"
#include "memory/activation_bytes.h"
#include "train/trainer.h"

namespace peft::host {

// What a run holds all the time or at times, in bytes. It follows from recipe and data alone, so that a
// recipe gets the same number for `auto` whenever it is started on a machine.
struct MemoryParts {
  int64_t process = 0;     // the program, its libraries and the examples; no tensors
  int64_t base = 0;        // the base weights
  int64_t source = 0;      // what is in memory at once of files they are converted from
  int64_t trained = 0;     // what is trained, and its moments
  int64_t gradients = 0;   // of all that is trained
  int64_t largest = 0;     // tensor that is trained
  int64_t key_values = 0;  // of the texts that are generated together
  ComputedRows prefill;    // their prompts
  ComputedRows scored;     // examples whose likelihood is measured together
  ActivationBytes activations;
  CompiledProducts products;
};

// The most a run takes, and while it does what: "training", "evaluating".
struct MemoryPeak {
  int64_t bytes = 0;
  std::string_view phase;
};

// Measures a few tokens on a model of this recipe whose weights take no memory. `session` has shapes only;
// on the CPU.
MemoryParts measure_memory(const Recipe& recipe, const Session& session, const RunData& data,
                           PluginSet& plugins);

// What is there whatever is computed: less than any peak. Nothing is run for it.
int64_t memory_at_rest(const Session& session, const RunData& data);

// Of a run whose micro-batches have these sizes.
MemoryPeak predict_peak(const MemoryParts& parts, const std::vector<MicrobatchSize>& microbatches);

}  // namespace peft::host
