// What acts at a linear site.
#pragma once

#include <memory>
#include <string>

#include "low_rank.h"
#include "peft/attachments.h"

namespace peft::lora {

// y + s · B A dropout(x): LoRA, computed together with the base. A negative scale takes out what PiSSA and
// OLoRA start with.
std::unique_ptr<LinearAttachment> lora_update(LowRankDelta delta);

// DoRA on the outputs `target` names; `stream` names the dropout's masks.
std::unique_ptr<LinearAttachment> dora_update(const LinearTarget& target, LowRank low_rank, double dropout,
                                              std::string stream);

}  // namespace peft::lora
