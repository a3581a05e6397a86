// The smallest method: it stands on nothing.
#include "peft/plugin.h"

namespace {

struct IdleOptions {
  int64_t rank = 8;
  double scale = 1.0;
  std::vector<std::string> targets = {"attn.qkv"};
  std::string init = "zero";
  std::optional<int64_t> layer;
};

peft::Options<IdleOptions> idle_options() {
  peft::Options<IdleOptions> options;
  options.add("rank", &IdleOptions::rank, "how many rows", peft::at_least(1));
  options.add("scale", &IdleOptions::scale, "how much of it", peft::between(0, 2));
  options.add("targets", &IdleOptions::targets, "where it would stand");
  options.add("init", &IdleOptions::init, "how it would start", {"zero", "one"});
  options.add("layer", &IdleOptions::layer, "on this layer alone");
  return options;
}

class Idle : public peft::Method {
 public:
  void attach(peft::Attacher&) override {}
};

void register_idle(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "idle",
                                      .summary = "changes nothing",
                                      .paper = "none",
                                      .options = idle_options().table(),
                                      .create = [](const peft::Value&) { return std::make_unique<Idle>(); }});
}

}  // namespace

PEFT_PLUGIN("good_method", PEFT_PLUGIN_VERSION, register_idle)
