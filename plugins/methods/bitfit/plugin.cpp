// BitFit (Ben Zaken et al. 2022, arXiv:2106.10199): the biases of the base alone, those of norms among them.
#include <utility>

#include "peft/error.h"
#include "peft/names.h"
#include "peft/plugin.h"
#include "peft/train_parameter.h"

namespace {

struct BitFitOptions {
  std::vector<std::string> targets = {"**"};
};

const peft::Options<BitFitOptions>& bitfit_options() {
  static const peft::Options<BitFitOptions> options = [] {
    peft::Options<BitFitOptions> table;
    table.add("targets", &BitFitOptions::targets,
              "globs on the base's parameters; of those they name, biases are trained");
    return table;
  }();
  return options;
}

class BitFitMethod : public peft::Method {
 public:
  explicit BitFitMethod(BitFitOptions options) : options_(std::move(options)) {}

  void attach(peft::Attacher& attacher) override {
    bool found = false;
    for (peft::ParameterSite* site : attacher.sites().parameter_targets(options_.targets)) {
      if (site->role != peft::ParameterRole::bias) continue;
      peft::train_parameter(attacher, *site);
      found = true;
    }
    if (found) return;
    throw peft::UsageError("'targets' names no bias of the model '" + attacher.info().family +
                           "', and BitFit trains nothing else: found " + peft::join(options_.targets) +
                           "; expected globs that match biases, such as '**.bias' where there are some");
  }

 private:
  BitFitOptions options_;
};

void register_bitfit(peft::Registry& registry) {
  registry.add(peft::MethodDescriptor{.name = "bitfit",
                                      .summary = "the base's biases",
                                      .paper = "Ben Zaken et al. 2022, arXiv:2106.10199",
                                      .options = bitfit_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<BitFitMethod>(bitfit_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("bitfit", "1.0.0", register_bitfit)
