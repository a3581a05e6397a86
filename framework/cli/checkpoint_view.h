// What a checkpoint holds, as text and as JSON.
#pragma once

#include <string>

#include "checkpoint/summary.h"
#include "peft/value.h"

namespace peft::host {

std::string checkpoint_text(const CheckpointSummary& summary);
Value checkpoint_value(const CheckpointSummary& summary);

}  // namespace peft::host
