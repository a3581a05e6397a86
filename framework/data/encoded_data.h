// The examples of a store that are trained on or measured.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/counts.h"
#include "data/encoded_examples.h"
#include "data/token_store.h"

namespace peft::host {

struct EncodeSummary {
  int64_t examples = 0;  // that are kept
  int64_t skipped = 0;   // left without a target
  int64_t tokens = 0;    // of all sequences, an encoder-decoder's targets included
  int64_t longest = 0;   // tokens of the longest sequence
  Counts counts;         // what was shortened, and the skipped examples again
};

struct EncodedData {
  EncodedExamples examples;  // `index` is the example's number in its dataset
  EncodeSummary summary;
};

// The examples of these numbers that have a target, in the order given. `max_length` is for the message:
// throws `peft::Error` where none has.
EncodedData select_examples(std::shared_ptr<const TokenStore> store, const std::vector<size_t>& numbers,
                            int64_t max_length);

// A hash of all that training sees of the data: a run is resumed only on the data it began with.
std::string content_hash(const EncodedExamples& examples);

}  // namespace peft::host
