#include "peft/plugin.h"
#include "adalora_method.h"

namespace {

void register_adalora(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "adalora",
                                      .summary = "low-rank updates whose ranks go where they matter most",
                                      .paper = "Zhang et al. 2023, arXiv:2303.10512",
                                      .options = peft::adalora::adalora_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::adalora::AdaLoraMethod>(
                                            peft::adalora::adalora_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("adalora", "1.0.0", register_adalora)
