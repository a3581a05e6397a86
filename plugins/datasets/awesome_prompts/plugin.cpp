#include "peft/plugin.h"
#include "awesome_prompts_dataset.h"

namespace {

void register_awesome_prompts(peft::Registry& registry) {
  registry.add(peft::awesome_prompts::descriptor());
}

}  // namespace

PEFT_PLUGIN("awesome_prompts", "1.0.0", register_awesome_prompts)
