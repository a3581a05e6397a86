#include "corpus_bleu.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <unordered_map>
#include <vector>

#include "tokenizer_13a.h"

namespace peft::bleu {
namespace {

using Words = std::vector<std::string>;
using Counts = std::unordered_map<std::string, int64_t>;

// The n-grams of a segment, as their words with spaces between: no word has a space in it.
Counts count_ngrams(const Words& words, size_t order) {
  Counts counts;
  for (size_t begin = 0; begin + order <= words.size(); ++begin) {
    std::string ngram;
    for (size_t i = begin; i < begin + order; ++i) ngram.append(words[i]).push_back(' ');
    ++counts[std::move(ngram)];
  }
  return counts;
}

double brevity_penalty(const Statistics& statistics) {
  if (statistics.hypothesis_words >= statistics.reference_words) return 1.0;
  if (statistics.hypothesis_words == 0) return 0.0;
  return std::exp(1.0 - static_cast<double>(statistics.reference_words) /
                            static_cast<double>(statistics.hypothesis_words));
}

}  // namespace

void Statistics::add(std::string_view hypothesis, std::string_view reference) {
  const Words hypothesis_tokens = tokenize_13a(hypothesis);
  const Words reference_tokens = tokenize_13a(reference);
  hypothesis_words += static_cast<int64_t>(hypothesis_tokens.size());
  reference_words += static_cast<int64_t>(reference_tokens.size());
  for (size_t n = 0; n < max_order; ++n) {
    const Counts in_reference = count_ngrams(reference_tokens, n + 1);
    for (const auto& [ngram, count] : count_ngrams(hypothesis_tokens, n + 1)) {
      total[n] += count;
      const auto found = in_reference.find(ngram);
      if (found != in_reference.end()) correct[n] += std::min(count, found->second);
    }
  }
}

double score(const Statistics& statistics) {
  const auto& correct = statistics.correct;
  const auto& total = statistics.total;
  if (std::all_of(correct.begin(), correct.end(), [](int64_t count) { return count == 0; })) return 0.0;
  // Σ log of the precisions, in per cent. An order without a match counts as 1/2, then 1/4, … of a match
  // (Chen and Cherry 2014, method 3).
  double sum = 0.0;
  double halvings = 1.0;
  for (size_t n = 0; n < max_order; ++n) {
    if (total[n] == 0) return 0.0;  // no hypothesis is that long: that precision is zero
    const auto of = static_cast<double>(total[n]);
    if (correct[n] == 0) halvings *= 2.0;
    sum += std::log(correct[n] == 0 ? 100.0 / (halvings * of) : 100.0 * static_cast<double>(correct[n]) / of);
  }
  return brevity_penalty(statistics) * std::exp(sum / static_cast<double>(max_order));
}

}  // namespace peft::bleu
