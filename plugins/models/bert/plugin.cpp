// The family BERT: any size, in Hugging Face's layout.
#include "peft/plugin.h"
#include "bert_config.h"
#include "encoder_family.h"

namespace {

void register_bert(peft::Registry& registry) {
  registry.add(peft::ModelFamilyDescriptor{
      .name = "bert",
      .summary = "BERT of any size, in Hugging Face's layout",
      .hf_model_types = {"bert"},
      .options = peft::bert::bert_options(),
      .create = [] { return std::make_unique<peft::bert::EncoderFamily>(peft::bert::describe_bert); }});
}

}  // namespace

PEFT_PLUGIN("bert", "1.0.0", register_bert)
