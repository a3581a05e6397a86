#include "peft/plugin.h"
#include "summaries_dataset.h"

namespace {

void register_summaries(peft::Registry& registry) {
  registry.add(peft::summaries::descriptor());
}

}  // namespace

PEFT_PLUGIN("summaries", "1.0.0", register_summaries)
