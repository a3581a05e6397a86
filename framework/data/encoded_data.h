// Examples as a task encodes them, ready for batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/counts.h"
#include "data/encode_context.h"
#include "peft/task.h"

namespace peft::host {

struct EncodeSummary {
  int64_t examples = 0;  // that are kept
  int64_t skipped = 0;   // left without a target
  int64_t tokens = 0;    // of all sequences, an encoder-decoder's targets included
  int64_t targets = 0;   // what the task counts, without virtual tokens
  int64_t longest = 0;   // tokens of the longest sequence
  Counts counts;         // what was shortened, and the skipped examples again
};

struct EncodedData {
  std::vector<EncodedExample> examples;  // `index` is the example's number in its dataset
  EncodeSummary summary;
};

// The examples of these numbers, in the order given. `context` counts what is shortened here and must be new.
// Throws what the task throws, and `peft::Error` where no example has a target left.
EncodedData encode_examples(const Task& task, const std::vector<Example>& examples,
                            const std::vector<size_t>& numbers, HostEncodeContext& context);

// All of them.
EncodedData encode_examples(const Task& task, const std::vector<Example>& examples,
                            HostEncodeContext& context);

// SHA-256 of all that training sees of the data: a run is resumed only on the data it began with.
std::string content_hash(const std::vector<EncodedExample>& examples);

}  // namespace peft::host
