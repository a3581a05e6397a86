#include "peft/plugin.h"
#include "adapter_method.h"

namespace {

void register_adapter(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "adapter",
                                      .summary = "small bottleneck modules in the residual stream",
                                      .paper = "Houlsby et al. 2019, arXiv:1902.00751",
                                      .options = peft::adapter::adapter_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::adapter::AdapterMethod>(
                                            peft::adapter::adapter_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("adapter", "1.0.0", register_adapter)
