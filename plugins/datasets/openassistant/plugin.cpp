#include "peft/plugin.h"
#include "openassistant_dataset.h"

namespace {

void register_openassistant(peft::Registry& registry) {
  registry.add(peft::openassistant::descriptor());
}

}  // namespace

PEFT_PLUGIN("openassistant", "1.0.0", register_openassistant)
