#include "peft/plugin.h"
#include "text_dataset.h"

namespace {

void register_text(peft::Registry& registry) {
  registry.add(peft::text::descriptor());
}

}  // namespace

PEFT_PLUGIN("text", "1.0.0", register_text)
