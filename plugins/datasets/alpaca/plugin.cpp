#include "peft/plugin.h"
#include "alpaca_dataset.h"

namespace {

void register_alpaca(peft::Registry& registry) {
  registry.add(peft::alpaca::descriptor());
}

}  // namespace

PEFT_PLUGIN("alpaca", "1.0.0", register_alpaca)
