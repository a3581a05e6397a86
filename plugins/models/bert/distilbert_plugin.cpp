// The family DistilBERT: any size, in Hugging Face's layout.
#include "distilbert_config.h"
#include "encoder_family.h"
#include "peft/plugin.h"

namespace {

void register_distilbert(peft::Registry& registry) {
  registry.add(peft::ModelFamilyDescriptor{
      .name = "distilbert",
      .summary = "DistilBERT of any size, in Hugging Face's layout",
      .hf_model_types = {"distilbert"},
      .options = peft::bert::distilbert_options(),
      .create = [] { return std::make_unique<peft::bert::EncoderFamily>(peft::bert::describe_distilbert); }});
}

}  // namespace

PEFT_PLUGIN("distilbert", "1.0.0", register_distilbert)
