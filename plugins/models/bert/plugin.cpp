// The BERT family: any size, in Hugging Face's layout.
#include "peft/plugin.h"
#include "bert_model.h"
#include "peft/head.h"

namespace peft::bert {
namespace {

class BertFamily : public ModelFamily {
 public:
  ModelPlan plan(const Value& values) const override {
    const Config config = read_config(values);
    return {
        .info = model_info(config), .parameters = parameters(config, labels_of(values)), .config = values};
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<Bert>(read_config(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan&, std::string_view found) const override {
    return bert::canonical_name(found);
  }
};

void register_bert(Registry& registry) {
  registry.add(ModelFamilyDescriptor{.name = "bert",
                                     .summary = "BERT of any size, in Hugging Face's layout",
                                     .hf_model_types = {"bert"},
                                     .options = config_options().table(),
                                     .create = [] { return std::make_unique<BertFamily>(); }});
}

}  // namespace
}  // namespace peft::bert

PEFT_PLUGIN("bert", "1.0.0", peft::bert::register_bert)
