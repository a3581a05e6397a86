#include "peft/plugin.h"
#include "prefix_method.h"

namespace {

void register_prefix(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "prefix",
                                      .summary = "learned keys and values in front of every layer's own",
                                      .paper = "Li and Liang 2021, arXiv:2101.00190",
                                      .options = peft::prefix::prefix_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<peft::prefix::PrefixMethod>(
                                            peft::prefix::prefix_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("prefix", "1.0.0", register_prefix)
