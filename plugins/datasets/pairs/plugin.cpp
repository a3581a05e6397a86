#include "peft/plugin.h"
#include "pairs_dataset.h"

namespace {

void register_pairs(peft::Registry& registry) {
  registry.add(peft::pairs::descriptor());
}

}  // namespace

PEFT_PLUGIN("pairs", "1.0.0", register_pairs)
