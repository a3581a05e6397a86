// Corpus chrF (Popović 2015) and chrF++ (2017) as sacrebleu 2.6.0 computes them by default: one reference,
// beta 2, case kept, white space left out, effective order, no smoothing.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace peft::chrf {

inline constexpr int64_t character_order = 6;

// n-grams of one order, summed over segments.
struct Counts {
  int64_t hypothesis = 0;  // where the reference has n-grams of the order at all
  int64_t reference = 0;
  int64_t matched = 0;
};

class Statistics {
 public:
  // Counts n-grams of up to 6 characters and of up to `word_order` words (chrF++: 2).
  explicit Statistics(int64_t word_order);

  void add(std::string_view hypothesis, std::string_view reference);
  // 0 … 100.
  double score() const;

 private:
  int64_t word_order_;
  std::vector<Counts> counts_;  // by characters, then by words
};

}  // namespace peft::chrf
