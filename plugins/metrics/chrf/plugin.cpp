// Corpus chrF of generated answers against the answers in the data.
#include <limits>
#include <string>

#include "chrf_score.h"
#include "peft/plugin.h"

namespace peft::chrf {
namespace {

struct ChrfOptions {
  int64_t word_order = 0;
};

const Options<ChrfOptions>& options() {
  static const Options<ChrfOptions> options = [] {
    Options<ChrfOptions> table;
    table.add("word_order", &ChrfOptions::word_order,
              "also n-grams of up to so many words: 2 is chrF++, 0 is chrF", at_least(0));
    return table;
  }();
  return options;
}

class Chrf : public Metric {
 public:
  explicit Chrf(int64_t word_order) : word_order_(word_order), statistics_(word_order) {}

  MetricNeeds needs() const override { return {.generation = true}; }

  void add(const Measured& measured) override {
    statistics_.add(measured.prediction, measured.reference);
    ++segments_;
  }

  std::vector<Figure> figures() const override {
    const double score = segments_ == 0 ? std::numeric_limits<double>::quiet_NaN() : statistics_.score();
    return {{.name = "chrf", .value = score, .lower_is_better = false}};
  }

  // sacrebleu's name for this computation.
  std::string signature() const override {
    return "nrefs:1|case:mixed|eff:yes|nc:6|nw:" + std::to_string(word_order_) + "|space:no|version:2.6.0";
  }

 private:
  int64_t word_order_;
  Statistics statistics_;
  int64_t segments_ = 0;
};

void register_chrf(Registry& registry) {
  registry.add(
      MetricDescriptor{.name = "chrf",
                       .summary = "corpus chrF2 or chrF2++ of generated answers, equal to sacrebleu 2.6.0's",
                       .options = options().table(),
                       .create = [](const Value& values) {
                         return std::make_unique<Chrf>(options().read(values).word_order);
                       }});
}

}  // namespace
}  // namespace peft::chrf

PEFT_PLUGIN("chrf", "1.0.0", peft::chrf::register_chrf)
