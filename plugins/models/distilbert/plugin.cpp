// The DistilBERT family: any size, in Hugging Face's layout.
#include "peft/plugin.h"
#include "distilbert_model.h"
#include "peft/head.h"

namespace peft::distilbert {
namespace {

class DistilBertFamily : public ModelFamily {
 public:
  ModelPlan plan(const Value& values) const override {
    const Config config = read_config(values);
    return {
        .info = model_info(config), .parameters = parameters(config, labels_of(values)), .config = values};
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<DistilBert>(read_config(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan&, std::string_view found) const override {
    return distilbert::canonical_name(found);
  }
};

void register_distilbert(Registry& registry) {
  registry.add(ModelFamilyDescriptor{.name = "distilbert",
                                     .summary = "DistilBERT of any size, in Hugging Face's layout",
                                     .hf_model_types = {"distilbert"},
                                     .options = config_options().table(),
                                     .create = [] { return std::make_unique<DistilBertFamily>(); }});
}

}  // namespace
}  // namespace peft::distilbert

PEFT_PLUGIN("distilbert", "1.0.0", peft::distilbert::register_distilbert)
