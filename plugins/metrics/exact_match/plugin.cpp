// The share of generated answers that are the answer in the data, letter for letter.
#include <algorithm>
#include <limits>
#include <string>
#include <string_view>

#include "peft/plugin.h"

namespace {

struct ExactMatchOptions {
  bool ignore_case = false;
};

const peft::Options<ExactMatchOptions>& exact_match_options() {
  static const peft::Options<ExactMatchOptions> options = [] {
    peft::Options<ExactMatchOptions> table;
    table.add("ignore_case", &ExactMatchOptions::ignore_case, "take A-Z for a-z");
    return table;
  }();
  return options;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\n\v\f\r";
  const size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

char lower(char letter) {
  return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

class ExactMatch : public peft::Metric {
 public:
  explicit ExactMatch(ExactMatchOptions options) : options_(options) {}

  peft::MetricNeeds needs() const override { return {.generation = true}; }

  void add(const peft::Measured& measured) override {
    if (equal(trimmed(measured.prediction), trimmed(measured.reference))) ++matches_;
    ++answers_;
  }

  std::vector<peft::Figure> figures() const override {
    const double share = answers_ == 0 ? std::numeric_limits<double>::quiet_NaN()
                                       : static_cast<double>(matches_) / static_cast<double>(answers_);
    return {{.name = "exact_match", .value = share, .lower_is_better = false}};
  }

  std::string signature() const override {
    return options_.ignore_case ? "share of answers, white space trimmed, case ignored"
                                : "share of answers, white space trimmed, case kept";
  }

 private:
  bool equal(std::string_view a, std::string_view b) const {
    if (!options_.ignore_case) return a == b;
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return lower(x) == lower(y); });
  }

  ExactMatchOptions options_;
  int64_t matches_ = 0;
  int64_t answers_ = 0;
};

void register_exact_match(peft::Registry& registry) {
  registry.add(peft::MetricDescriptor{.name = "exact_match",
                                      .summary = "share of generated answers equal to the answer in the data",
                                      .options = exact_match_options().table(),
                                      .create = [](const peft::Value& options) {
                                        return std::make_unique<ExactMatch>(
                                            exact_match_options().read(options));
                                      }});
}

}  // namespace

PEFT_PLUGIN("exact_match", "1.0.0", register_exact_match)
