// Labels that a classifier cannot learn, for want of examples.
#pragma once

#include <string>
#include <vector>

#include "data/encoded_data.h"
#include "peft/task.h"

namespace peft::host {

// Nothing for a task without labels. Throws `peft::UsageError` where all training examples have the same
// label; a label that merely none has is added to `notes`.
void check_labels(Task& task, const EncodedData& training, std::vector<std::string>& notes);

}  // namespace peft::host
