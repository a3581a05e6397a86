// ROUGE of generated answers against the answers in the data.
#include <limits>
#include <string>

#include "peft/plugin.h"
#include "rouge_scores.h"

namespace peft::rouge {
namespace {

struct RougeOptions {
  bool stemmer = false;
};

const Options<RougeOptions>& options() {
  static const Options<RougeOptions> options = [] {
    Options<RougeOptions> table;
    table.add("stemmer", &RougeOptions::stemmer,
              "compare words without their endings, by Porter's algorithm");
    return table;
  }();
  return options;
}

class Rouge : public Metric {
 public:
  explicit Rouge(bool stemmer) : stemmer_(stemmer) {}

  MetricNeeds needs() const override { return {.generation = true}; }

  void add(const Measured& measured) override {
    const Words answer = words_of(measured.prediction, stemmer_);
    const Words reference = words_of(measured.reference, stemmer_);
    one_ += rouge_n(reference, answer, 1);
    two_ += rouge_n(reference, answer, 2);
    longest_ += rouge_l(reference, answer);
    by_lines_ += rouge_l_sum(measured.reference, measured.prediction, stemmer_);
    ++answers_;
  }

  // Means over answers.
  std::vector<Figure> figures() const override {
    return {figure("rouge1", one_), figure("rouge2", two_), figure("rougeL", longest_),
            figure("rougeLsum", by_lines_)};
  }

  std::string signature() const override {
    return std::string("mean F-measure, stemmer:") + (stemmer_ ? "yes" : "no") + "|rouge_score 0.1.2";
  }

 private:
  Figure figure(std::string name, double sum) const {
    const double mean =
        answers_ == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(answers_);
    return {.name = std::move(name), .value = mean, .lower_is_better = false};
  }

  bool stemmer_;
  double one_ = 0.0;
  double two_ = 0.0;
  double longest_ = 0.0;
  double by_lines_ = 0.0;
  int64_t answers_ = 0;
};

void register_rouge(Registry& registry) {
  registry.add(MetricDescriptor{
      .name = "rouge",
      .summary = "ROUGE-1, -2, -L and -Lsum of generated answers, equal to rouge_score 0.1.2's F-measures",
      .options = options().table(),
      .create = [](const Value& values) { return std::make_unique<Rouge>(options().read(values).stemmer); }});
}

}  // namespace
}  // namespace peft::rouge

PEFT_PLUGIN("rouge", "1.0.0", peft::rouge::register_rouge)
