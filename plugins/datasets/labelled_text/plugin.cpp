#include "peft/plugin.h"
#include "labelled_text_dataset.h"

namespace {

void register_labelled_text(peft::Registry& registry) {
  registry.add(peft::labelled_text::descriptor());
}

}  // namespace

PEFT_PLUGIN("labelled_text", "1.0.0", register_labelled_text)
