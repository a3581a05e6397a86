#include "peft/plugin.h"
#include "vera_method.h"

namespace {

void register_vera(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "vera",
                                      .summary = "scales of shared random low-rank updates of linear layers",
                                      .paper = "Kopiczko et al. 2023, arXiv:2310.11454",
                                      .options = peft::vera::vera_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::vera::VeraMethod>(
                                            peft::vera::vera_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("vera", "1.0.0", register_vera)
