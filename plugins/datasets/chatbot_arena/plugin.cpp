#include "peft/plugin.h"
#include "chatbot_arena_dataset.h"

namespace {

void register_chatbot_arena(peft::Registry& registry) {
  registry.add(peft::chatbot_arena::descriptor());
}

}  // namespace

PEFT_PLUGIN("chatbot_arena", "1.0.0", register_chatbot_arena)
