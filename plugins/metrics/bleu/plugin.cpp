// Corpus BLEU of generated answers against the answers in the data.
#include <limits>

#include "corpus_bleu.h"
#include "peft/plugin.h"

namespace {

class Bleu : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {.generation = true}; }

  void add(const peft::Measured& measured) override {
    statistics_.add(measured.prediction, measured.reference);
    ++segments_;
  }

  // On both scales in use: 0 … 100, and the fraction of 1.
  std::vector<peft::Figure> figures() const override {
    const double score =
        segments_ == 0 ? std::numeric_limits<double>::quiet_NaN() : peft::bleu::score(statistics_);
    return {{.name = "bleu", .value = score, .lower_is_better = false},
            {.name = "bleu_fraction", .value = score / 100.0, .lower_is_better = false}};
  }

  std::string signature() const override { return std::string(peft::bleu::signature); }

 private:
  peft::bleu::Statistics statistics_;
  int64_t segments_ = 0;
};

void register_bleu(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "bleu",
                             .summary = "corpus BLEU of generated answers, equal to sacrebleu 2.6.0's",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Bleu>(); }});
}

}  // namespace

PEFT_PLUGIN("bleu", "1.0.0", register_bleu)
