#include "peft/plugin.h"
#include "lora_method.h"

namespace {

void register_lora(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "lora",
                                      .summary = "low-rank updates of linear layers and token embeddings",
                                      .paper = "Hu et al. 2021, arXiv:2106.09685",
                                      .options = peft::lora::lora_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::lora::LoraMethod>(
                                            peft::lora::lora_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("lora", "1.0.0", register_lora)
