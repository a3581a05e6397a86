// What examples are encoded with.
#pragma once

#include "data/conversation_template.h"
#include "data/encode_context.h"
#include "peft/task.h"
#include "peft/text_codec.h"

namespace peft::host {

// All must outlive what uses it.
struct Encoding {
  const Task& task;
  const TextCodec& codec;
  const ConversationTemplate& form;
  EncodeSettings settings;
};

}  // namespace peft::host
