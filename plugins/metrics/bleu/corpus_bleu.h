// Corpus BLEU (Papineni et al. 2002) as sacrebleu 2.6.0 computes it by default, to its last digit: one
// reference, 13a tokenisation, case kept, n-grams up to 4, exponential smoothing, no effective order.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace peft::bleu {

inline constexpr size_t max_order = 4;

// sacrebleu's name for this computation. The code is this project's own; the figure is the one that a
// sacrebleu of that version prints under that signature.
inline constexpr std::string_view signature = "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0";

// What the score is computed from: sums over segments.
struct Statistics {
  std::array<int64_t, max_order> correct{};  // n-grams of the hypotheses that are in their reference
  std::array<int64_t, max_order> total{};    // n-grams of the hypotheses
  int64_t hypothesis_words = 0;
  int64_t reference_words = 0;

  void add(std::string_view hypothesis, std::string_view reference);
};

// 0 … 100.
double score(const Statistics& statistics);

}  // namespace peft::bleu
