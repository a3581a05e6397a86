#include "peft/plugin.h"
#include "seq2seq_lm.h"

namespace {

void register_seq2seq_lm(peft::Registry& registry) {
  registry.add(peft::seq2seq_lm::descriptor());
}

}  // namespace

PEFT_PLUGIN("seq2seq_lm", "1.0.0", register_seq2seq_lm)
