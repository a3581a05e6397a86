// Registers a method, and then throws THROWN.
#include <stdexcept>

#include "peft/plugin.h"

namespace {

class Orphan : public peft::Method {
 public:
  void attach(peft::Attacher&) override {}
};

void register_half(peft::Registry& registry) {
  registry.add(
      peft::MethodDescriptor{.name = "orphan",
                             .summary = "of a registration that fails",
                             .paper = "",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Orphan>(); }});
  throw THROWN;
}

}  // namespace

PEFT_PLUGIN("bad_registration", "1.0.0", register_half)
