// The T5 family: 1.0, 1.1 and what was tuned from them (Flan-T5), in Hugging Face's layout.
#include "peft/plugin.h"
#include "t5_model.h"

namespace peft::t5 {
namespace {

class T5Family : public ModelFamily {
 public:
  ModelPlan plan(const Value& values) const override {
    const Config config = read_config(values);
    return {.info = model_info(config), .parameters = parameters(config), .config = values};
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<T5>(read_config(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan& plan, std::string_view found) const override {
    return t5::canonical_name(read_config(plan.config), found);
  }
};

void register_t5(Registry& registry) {
  registry.add(ModelFamilyDescriptor{.name = "t5",
                                     .summary = "T5 1.0 and 1.1 of any size, in Hugging Face's layout",
                                     .hf_model_types = {"t5"},
                                     .options = config_options().table(),
                                     .create = [] { return std::make_unique<T5Family>(); }});
}

}  // namespace
}  // namespace peft::t5

PEFT_PLUGIN("t5", "1.0.0", peft::t5::register_t5)
