// Brings a method whose name good_method.cpp has too.
#include "peft/plugin.h"

namespace {

class OtherIdle : public peft::Method {
 public:
  void attach(peft::Attacher&) override {}
};

void register_other_idle(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{
      .name = "idle", .summary = "another one", .paper = "", .options = {}, .create = [](const peft::Value&) {
        return std::make_unique<OtherIdle>();
      }});
}

}  // namespace

PEFT_PLUGIN("taken_name", "1.0.0", register_other_idle)
