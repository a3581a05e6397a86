#include "peft/plugin.h"
#include "label_counts.h"

namespace peft::f1 {
namespace {

struct F1Options {
  std::string average = "macro";
};

const Options<F1Options>& options() {
  static const Options<F1Options> options = [] {
    Options<F1Options> table;
    table.add(
        "average", &F1Options::average,
        "over labels: each alike (macro), by their examples (weighted), all examples together (micro), or "
        "that of label 1 alone (binary)",
        {"macro", "weighted", "micro", "binary"});
    return table;
  }();
  return options;
}

Average parse(const std::string& name) {
  if (name == "binary") return Average::binary;
  if (name == "micro") return Average::micro;
  return name == "weighted" ? Average::weighted : Average::macro;
}

class F1 : public Metric {
 public:
  explicit F1(std::string average) : average_(std::move(average)) {}

  MetricNeeds needs() const override { return {.label = true}; }
  void add(const Measured& measured) override { counts_.add(measured.label, measured.predicted_label); }
  std::vector<Figure> figures() const override {
    return {{.name = "f1", .value = counts_.f1(parse(average_)), .lower_is_better = false}};
  }
  std::string signature() const override { return "average:" + average_; }

 private:
  std::string average_;
  LabelCounts counts_;
};

void register_f1(Registry& registry) {
  registry.add(MetricDescriptor{
      .name = "f1",
      .summary = "the harmonic mean of precision and recall, as scikit-learn's f1_score",
      .options = options().table(),
      .create = [](const Value& values) { return std::make_unique<F1>(options().read(values).average); }});
}

}  // namespace
}  // namespace peft::f1

PEFT_PLUGIN("f1", "1.0.0", peft::f1::register_f1)
