#include "peft/plugin.h"
#include "p_tuning_method.h"

namespace {

void register_p_tuning(peft::Registry& registry) {
  registry.add(
      peft::MethodDescriptor{.name = "p_tuning",
                             .summary = "embeddings in front of each sequence, made by a learned encoder",
                             .paper = "Liu et al. 2021, arXiv:2103.10385",
                             .options = peft::p_tuning::p_tuning_options().table(),
                             .create = [](const peft::Value& options) {
                               return std::make_unique<peft::p_tuning::PTuningMethod>(
                                   peft::p_tuning::p_tuning_options().read(options));
                             }});
}

}  // namespace

PEFT_PLUGIN("p_tuning", "1.0.0", register_p_tuning)
