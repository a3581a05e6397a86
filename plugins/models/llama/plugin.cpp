// Decoders of the Llama kind: Llama, Mistral, Qwen2, SmolLM of any size, in Hugging Face's layout.
#include <utility>

#include "llama_model.h"
#include "peft/plugin.h"

namespace peft::llama {
namespace {

class LlamaFamily : public ModelFamily {
 public:
  ModelPlan plan(const Value& values) const override {
    const Config config = read_config(values);
    return {.info = model_info(config), .parameters = parameters(config), .config = values};
  }

  std::unique_ptr<Model> build(const ModelPlan& plan, const BaseTensors& tensors) const override {
    return std::make_unique<Llama>(read_config(plan.config), tensors);
  }

  std::optional<std::string> canonical_name(const ModelPlan& plan, std::string_view found) const override {
    return llama::canonical_name(read_config(plan.config), found);
  }
};

void register_llama(Registry& registry) {
  registry.add(ModelFamilyDescriptor{
      .name = "llama",
      .summary = "Llama, Mistral, Qwen2 and SmolLM of any size, in Hugging Face's layout",
      .hf_model_types = {"llama", "mistral", "qwen2"},
      .options = config_options().table(),
      .create = [] { return std::make_unique<LlamaFamily>(); }});
}

}  // namespace
}  // namespace peft::llama

PEFT_PLUGIN("llama", "1.0.0", peft::llama::register_llama)
