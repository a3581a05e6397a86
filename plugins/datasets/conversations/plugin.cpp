#include "peft/plugin.h"
#include "conversations_dataset.h"

namespace {

void register_conversations(peft::Registry& registry) {
  registry.add(peft::conversations::descriptor());
}

}  // namespace

PEFT_PLUGIN("conversations", "1.0.0", register_conversations)
