// Full fine-tuning: the base's own tensors, all of them or those that globs name, trained in float32. The
// base stays as it is; what is trained stands in its place while the set is active.
#include <utility>

#include "peft/plugin.h"
#include "peft/train_parameter.h"

namespace {

struct FullOptions {
  std::vector<std::string> targets = {"**"};
};

const peft::Options<FullOptions>& full_options() {
  static const peft::Options<FullOptions> options = [] {
    peft::Options<FullOptions> table;
    table.add("targets", &FullOptions::targets,
              "globs on the base's parameters; `**.bias` trains biases alone");
    return table;
  }();
  return options;
}

class FullMethod : public peft::Method {
 public:
  explicit FullMethod(FullOptions options) : options_(std::move(options)) {}

  void attach(peft::Attacher& attacher) override {
    for (peft::ParameterSite* site : attacher.sites().parameter_targets(options_.targets)) {
      peft::train_parameter(attacher, *site);
    }
  }

 private:
  FullOptions options_;
};

void register_full(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "full",
                                      .summary = "the base's own tensors, all or those that globs name",
                                      .paper = "",
                                      .options = full_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<FullMethod>(full_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("full", "1.0.0", register_full)
