// A metric that counts.
#include "peft/plugin.h"

namespace {

class Count : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {}; }
  void add(const peft::Measured&) override { ++count_; }
  std::vector<peft::Figure> figures() const override { return {{"count", count_, false}}; }
  std::string signature() const override { return ""; }

 private:
  double count_ = 0;
};

void register_count(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "count",
                             .summary = "how many examples there are",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Count>(); }});
}

}  // namespace

PEFT_PLUGIN("good_metric", "1.0.0", register_count)
