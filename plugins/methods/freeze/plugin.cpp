#include "peft/plugin.h"
#include "freeze_method.h"

namespace {

void register_freeze(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{
      .name = "freeze",
      .summary = "the last blocks of the base; what comes before them stays as it is",
      .paper = "Lee et al. 2019, arXiv:1911.03090",
      .options = peft::freeze::freeze_options().table(),
      .create = [](const peft::Value& options) {
        return std::make_unique<peft::freeze::FreezeMethod>(peft::freeze::freeze_options().read(options));
      }});
}

}  // namespace

PEFT_PLUGIN("freeze", "1.0.0", register_freeze)
