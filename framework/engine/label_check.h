// Labels that a classifier cannot learn, for want of examples.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/encoded_data.h"
#include "peft/task.h"

namespace peft::host {

// Nothing for a task without labels. Throws `peft::UsageError` where all training examples have the same
// label; a label that merely none has is added to `notes`.
void check_labels(Task& task, const EncodedData& training, std::vector<std::string>& notes);

// Of the examples that are scored, the first of `held_out`: adds to `notes` where they have one label alone,
// as those of a file sorted by label may.
void check_scored_labels(Task& task, const EncodedData& scored, int64_t held_out,
                         std::vector<std::string>& notes);

}  // namespace peft::host
