// Full fine-tuning: the base's own tensors, all of them or those that globs name (`**.bias`: biases alone),
// trained in float32. The base stays as it is; what is trained stands in its place while the set is active.
#include <utility>

#include "peft/plugin.h"

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

class Override : public peft::ParameterAttachment {
 public:
  explicit Override(at::Tensor tensor) : tensor_(std::move(tensor)) {}
  at::Tensor value(const at::Tensor&) const override { return tensor_; }

 private:
  at::Tensor tensor_;
};

class FullMethod : public peft::Method {
 public:
  explicit FullMethod(FullOptions options) : options_(std::move(options)) {}

  void attach(peft::Attacher& attacher) override {
    for (peft::ParameterSite* site : attacher.sites().parameter_targets(options_.targets)) {
      const at::Tensor tensor =
          attacher.tensor(site->name, site->tensor.sizes().vec(),
                          peft::init::copy_of([site] { return site->tensor; }), {.decays = site->decays()});
      attacher.attach(*site, std::make_unique<Override>(tensor));
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
