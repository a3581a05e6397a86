// Distinct-1 and distinct-2 (Li et al. 2016, "A Diversity-Promoting Objective Function for Neural
// Conversation Models"): how many different words, and pairs of neighbouring words, there are in all
// generated answers together, each divided by the number of words. The answers in the data play no part.
#include <limits>
#include <string>
#include <string_view>
#include <unordered_set>

#include "peft/plugin.h"
#include "peft/white_space.h"

namespace {

class Distinct : public peft::Metric {
 public:
  peft::MetricNeeds needs() const override { return {.generation = true}; }

  void add(const peft::Measured& measured) override {
    std::string_view before;
    for (const std::string_view word : peft::split_at_white_space(measured.prediction)) {
      words_.emplace(word);
      if (!before.empty()) pairs_.insert(std::string(before).append(" ").append(word));
      before = word;
      ++total_;
    }
  }

  std::vector<peft::Figure> figures() const override {
    return {{.name = "distinct_1", .value = share(words_.size()), .lower_is_better = false},
            {.name = "distinct_2", .value = share(pairs_.size()), .lower_is_better = false}};
  }

  std::string signature() const override {
    return "different n-grams of all answers / their words, between white space, case kept (Li et al. 2016)";
  }

 private:
  double share(size_t different) const {
    return total_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                       : static_cast<double>(different) / static_cast<double>(total_);
  }

  std::unordered_set<std::string> words_;
  std::unordered_set<std::string> pairs_;
  int64_t total_ = 0;
};

void register_distinct(peft::Registry& registry) {
  registry.add(peft::MetricDescriptor{
      .name = "distinct",
      .summary = "how varied generated answers are: distinct-1 and distinct-2 (Li et al. 2016)",
      .options = {},
      .create = [](const peft::Value&) { return std::make_unique<Distinct>(); }});
}

}  // namespace

PEFT_PLUGIN("distinct", "1.0.0", register_distinct)
