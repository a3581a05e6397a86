// Perplexity: exp(Σ −log p / Σ tokens) over all examples together, so it does not depend on how they were
// batched. (The mean of the texts' own perplexities is another figure.)
#include <cmath>
#include <limits>

#include "peft/plugin.h"

namespace {

class Perplexity : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {.likelihood = true}; }

  void add(const peft::Measured& measured) override {
    negative_log_likelihood_ += measured.negative_log_likelihood;
    tokens_ += measured.tokens;
  }

  std::vector<peft::Figure> figures() const override {
    const double value = tokens_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                      : std::exp(negative_log_likelihood_ / static_cast<double>(tokens_));
    return {{.name = "perplexity", .value = value, .lower_is_better = true}};
  }

  std::string signature() const override { return ""; }

 private:
  double negative_log_likelihood_ = 0.0;
  int64_t tokens_ = 0;
};

void register_perplexity(peft::Registry& registry) {
  registry.add(
      peft::MetricDescriptor{.name = "perplexity",
                             .summary = "exp of the mean negative log likelihood of a target token",
                             .options = {},
                             .create = [](const peft::Value&) { return std::make_unique<Perplexity>(); }});
}

}  // namespace

PEFT_PLUGIN("perplexity", "1.0.0", register_perplexity)
