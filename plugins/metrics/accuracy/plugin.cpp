// The share of examples whose likeliest label is theirs.
#include <limits>

#include "peft/plugin.h"

namespace {

class Accuracy : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {.label = true}; }

  void add(const peft::Measured& measured) override {
    if (measured.predicted_label == measured.label) ++right_;
    ++examples_;
  }

  std::vector<peft::Figure> figures() const override {
    const double share = examples_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                        : static_cast<double>(right_) / static_cast<double>(examples_);
    return {{.name = "accuracy", .value = share, .lower_is_better = false}};
  }

  std::string signature() const override { return ""; }

 private:
  int64_t right_ = 0;
  int64_t examples_ = 0;
};

void register_accuracy(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "accuracy",
                             .summary = "share of examples whose likeliest label is theirs",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Accuracy>(); }});
}

}  // namespace

PEFT_PLUGIN("accuracy", "1.0.0", register_accuracy)
