#include "peft/plugin.h"
#include "classification.h"

namespace {

void register_classification(peft::Registry& registry) {
  registry.add(peft::classification::descriptor());
}

}  // namespace

PEFT_PLUGIN("classification", "1.0.0", register_classification)
