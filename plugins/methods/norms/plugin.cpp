#include "peft/plugin.h"
#include "norms_method.h"

namespace {

void register_norms(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "norms",
                                      .summary = "the weights and biases of the base's norms",
                                      .paper = "Zhao et al. 2023, arXiv:2312.11420",
                                      .options = peft::norms::norms_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::norms::NormsMethod>(
                                            peft::norms::norms_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("norms", "1.0.0", register_norms)
