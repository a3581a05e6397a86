// Examples as a task encodes them, ready for batches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "data/conversation_template.h"
#include "data/counts.h"
#include "data/encode_context.h"
#include "data/example_list.h"
#include "data/token_store.h"
#include "peft/task.h"

namespace peft::host {

// What examples are encoded with. All must outlive what uses it.
struct Encoding {
  const Task& task;
  const TextCodec& codec;
  const ConversationTemplate& form;
  EncodeSettings settings;
};

// The first `limit` examples of the list, encoded on so many threads. What comes out, counts and errors
// included, does not depend on their number. Throws what the task throws, for the first example for which it
// does.
TokenStore encode_examples(const Encoding& encoding, const ExampleList& list, size_t limit, size_t threads);

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

// The examples of these numbers that have a target, in the order given. Throws `peft::Error` where none has.
EncodedData select_examples(const TokenStore& store, const std::vector<size_t>& numbers,
                            const Encoding& encoding, size_t threads);

// A hash of all that training sees of the data: a run is resumed only on the data it began with.
std::string content_hash(const std::vector<EncodedExample>& examples);

}  // namespace peft::host
