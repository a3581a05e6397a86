#include "peft/plugin.h"
#include "ia3_method.h"

namespace {

void register_ia3(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{
      .name = "ia3",
      .summary = "learned scales of keys, values and the feed-forward's hidden features",
      .paper = "Liu et al. 2022, arXiv:2205.05638",
      .options = peft::ia3::ia3_options().table(),
      .create = [](const peft::Value& options) {
        return std::make_unique<peft::ia3::Ia3Method>(peft::ia3::ia3_options().read(options));
      }});
}

}  // namespace

PEFT_PLUGIN("ia3", "1.0.0", register_ia3)
