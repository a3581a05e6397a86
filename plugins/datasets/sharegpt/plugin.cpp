#include "peft/plugin.h"
#include "sharegpt_dataset.h"

namespace {

void register_sharegpt(peft::Registry& registry) {
  registry.add(peft::sharegpt::descriptor());
}

}  // namespace

PEFT_PLUGIN("sharegpt", "1.0.0", register_sharegpt)
