#include "peft/plugin.h"
#include "preferences_dataset.h"

namespace {

void register_preferences(peft::Registry& registry) {
  registry.add(peft::preferences::descriptor());
}

}  // namespace

PEFT_PLUGIN("preferences", "1.0.0", register_preferences)
