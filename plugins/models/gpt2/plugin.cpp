// The GPT-2 family: any size, in Hugging Face's layout.
#include <utility>

#include "gpt2_model.h"
#include "peft/head.h"
#include "peft/plugin.h"

namespace peft::gpt2 {
namespace {

class Gpt2Family : public ModelFamily {
 public:
  ModelPlan plan(const Value& values) const override {
    const Config config = read_config(values);
    ModelPlan plan{.info = model_info(config), .parameters = parameters(config), .config = values};
    // GPT2ForSequenceClassification's.
    plan.parameters.push_back({.name = "score.weight",
                               .shape = {labels_of(values), config.n_embd},
                               .role = ParameterRole::weight,
                               .init = {BaseInit::Kind::normal, config.initializer_range},
                               .optional = true});
    return plan;
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<Gpt2>(read_config(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan& plan, std::string_view found) const override {
    return gpt2::canonical_name(read_config(plan.config), found);
  }
};

void register_gpt2(Registry& registry) {
  registry.add(ModelFamilyDescriptor{.name = "gpt2",
                                     .summary = "GPT-2 of any size, in Hugging Face's layout",
                                     .hf_model_types = {"gpt2"},
                                     .options = config_options().table(),
                                     .create = [] { return std::make_unique<Gpt2Family>(); }});
}

}  // namespace
}  // namespace peft::gpt2

PEFT_PLUGIN("gpt2", "1.0.0", peft::gpt2::register_gpt2)
