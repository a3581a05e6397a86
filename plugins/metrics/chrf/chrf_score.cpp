#include "chrf_score.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "peft/white_space.h"

namespace peft::chrf {
namespace {

using Ngrams = std::unordered_map<std::string, int64_t>;
using Units = std::vector<std::string_view>;  // characters or words

size_t character_length(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = first < 0xc0 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  return std::min(length, text.size());
}

Units characters_of(std::string_view text) {
  Units characters;
  for (std::string_view word : split_at_white_space(text)) {
    while (!word.empty()) {
      const size_t length = character_length(word);
      characters.push_back(word.substr(0, length));
      word.remove_prefix(length);
    }
  }
  return characters;
}

bool is_punctuation(char byte) {
  return (byte >= '!' && byte <= '/') || (byte >= ':' && byte <= '@') || (byte >= '[' && byte <= '`') ||
         (byte >= '{' && byte <= '~');
}

// One punctuation mark is set apart: a word's last, else its first.
Units words_of(std::string_view text) {
  Units words;
  for (const std::string_view word : split_at_white_space(text)) {
    if (character_length(word) == word.size()) {
      words.push_back(word);
    } else if (is_punctuation(word.back())) {
      words.push_back(word.substr(0, word.size() - 1));
      words.push_back(word.substr(word.size() - 1));
    } else if (is_punctuation(word.front())) {
      words.push_back(word.substr(0, 1));
      words.push_back(word.substr(1));
    } else {
      words.push_back(word);
    }
  }
  return words;
}

Ngrams ngrams_of(const Units& units, size_t order, std::string_view separator) {
  Ngrams ngrams;
  for (size_t begin = 0; begin + order <= units.size(); ++begin) {
    std::string ngram;
    for (size_t i = begin; i < begin + order; ++i) ngram.append(units[i]).append(separator);
    ++ngrams[std::move(ngram)];
  }
  return ngrams;
}

void count(const Units& hypothesis, const Units& reference, size_t order, std::string_view separator,
           Counts& to) {
  const Ngrams in_reference = ngrams_of(reference, order, separator);
  for (const auto& [ngram, times] : in_reference) to.reference += times;
  for (const auto& [ngram, times] : ngrams_of(hypothesis, order, separator)) {
    const auto found = in_reference.find(ngram);
    if (found != in_reference.end()) to.matched += std::min(times, found->second);
    if (!in_reference.empty()) to.hypothesis += times;
  }
}

}  // namespace

Statistics::Statistics(int64_t word_order)
    : word_order_(word_order), counts_(static_cast<size_t>(character_order + word_order)) {}

void Statistics::add(std::string_view hypothesis, std::string_view reference) {
  const Units characters = characters_of(hypothesis);
  const Units reference_characters = characters_of(reference);
  for (size_t n = 0; n < static_cast<size_t>(character_order); ++n) {
    count(characters, reference_characters, n + 1, "", counts_[n]);
  }
  if (word_order_ == 0) return;
  const Units words = words_of(hypothesis);
  const Units reference_words = words_of(reference);
  for (size_t n = 0; n < static_cast<size_t>(word_order_); ++n) {
    count(words, reference_words, n + 1, " ", counts_[static_cast<size_t>(character_order) + n]);
  }
}

double Statistics::score() const {
  constexpr double beta_squared = 4.0;
  double precision = 0.0;
  double recall = 0.0;
  int64_t orders = 0;  // those of which both sides have n-grams
  for (const Counts& counts : counts_) {
    if (counts.hypothesis == 0 || counts.reference == 0) continue;
    precision += static_cast<double>(counts.matched) / static_cast<double>(counts.hypothesis);
    recall += static_cast<double>(counts.matched) / static_cast<double>(counts.reference);
    ++orders;
  }
  if (precision + recall == 0.0) return 0.0;
  precision /= static_cast<double>(orders);
  recall /= static_cast<double>(orders);
  return 100.0 * (1.0 + beta_squared) * precision * recall / (beta_squared * precision + recall);
}

}  // namespace peft::chrf
