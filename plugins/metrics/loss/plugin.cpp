// The mean of the loss: −log p of the labels, or of all target tokens.
#include <limits>

#include "peft/plugin.h"

namespace {

class Loss : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {.likelihood = true}; }

  void add(const peft::Measured& measured) override {
    sum_ += measured.negative_log_likelihood;
    targets_ += measured.tokens;
  }

  std::vector<peft::Figure> figures() const override {
    const double mean =
        targets_ == 0 ? std::numeric_limits<double>::quiet_NaN() : sum_ / static_cast<double>(targets_);
    return {{.name = "loss", .value = mean, .lower_is_better = true}};
  }

  std::string signature() const override { return ""; }

 private:
  double sum_ = 0.0;
  int64_t targets_ = 0;
};

void register_loss(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "loss",
                             .summary = "mean negative log likelihood of a target: a label, or a token",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Loss>(); }});
}

}  // namespace

PEFT_PLUGIN("loss", "1.0.0", register_loss)
