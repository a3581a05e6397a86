#include "peft/plugin.h"
#include "causal_lm.h"

namespace {

void register_causal_lm(peft::Registry& registry) {
  registry.add(peft::causal_lm::descriptor());
}

}  // namespace

PEFT_PLUGIN("causal_lm", "1.0.0", register_causal_lm)
