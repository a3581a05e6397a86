#include "rouge_scores.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace peft::rouge {
namespace {

double f_measure(size_t hits, size_t answer, size_t reference) {
  const double precision = static_cast<double>(hits) / static_cast<double>(std::max<size_t>(answer, 1));
  const double recall = static_cast<double>(hits) / static_cast<double>(std::max<size_t>(reference, 1));
  return precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0.0;
}

using Counts = std::unordered_map<std::string, size_t>;

Counts count_ngrams(const Words& words, size_t n) {
  Counts counts;
  for (size_t begin = 0; begin + n <= words.size(); ++begin) {
    std::string ngram;
    for (size_t i = begin; i < begin + n; ++i) ngram.append(words[i]).push_back(' ');
    ++counts[std::move(ngram)];
  }
  return counts;
}

size_t ngrams_in(const Words& words, size_t n) {
  return words.size() < n ? 0 : words.size() - n + 1;
}

// Lengths of the longest common subsequences of all beginnings, [reference + 1, answer + 1].
class Lengths {
 public:
  Lengths(const Words& reference, const Words& answer)
      : columns_(answer.size() + 1), lengths_((reference.size() + 1) * columns_) {
    for (size_t i = 1; i <= reference.size(); ++i) {
      for (size_t j = 1; j <= answer.size(); ++j) {
        at(i, j) =
            reference[i - 1] == answer[j - 1] ? at(i - 1, j - 1) + 1 : std::max(at(i - 1, j), at(i, j - 1));
      }
    }
  }
  uint32_t at(size_t i, size_t j) const { return lengths_[i * columns_ + j]; }

 private:
  uint32_t& at(size_t i, size_t j) { return lengths_[i * columns_ + j]; }

  size_t columns_;
  std::vector<uint32_t> lengths_;
};

// Marks the reference's words that are in one longest common subsequence, the one that rouge_score finds.
void mark_common(const Words& reference, const Words& answer, std::vector<bool>& marked) {
  const Lengths lengths(reference, answer);
  size_t i = reference.size();
  size_t j = answer.size();
  while (i > 0 && j > 0) {
    if (reference[i - 1] == answer[j - 1]) {
      marked[--i] = true;
      --j;
    } else if (std::as_const(lengths).at(i, j - 1) > std::as_const(lengths).at(i - 1, j)) {
      --j;
    } else {
      --i;
    }
  }
}

struct Lines {
  std::vector<Words> lines;
  Counts counts;  // of their words
  size_t words = 0;
};

Lines lines_of(std::string_view text, bool stem) {
  Lines result;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    result.lines.push_back(words_of(text.substr(0, end), stem));
    for (const std::string& word : result.lines.back()) ++result.counts[word];
    result.words += result.lines.back().size();
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return result;
}

}  // namespace

double rouge_n(const Words& reference, const Words& answer, size_t n) {
  const Counts in_reference = count_ngrams(reference, n);
  size_t hits = 0;
  for (const auto& [ngram, count] : count_ngrams(answer, n)) {
    const auto found = in_reference.find(ngram);
    if (found != in_reference.end()) hits += std::min(count, found->second);
  }
  return f_measure(hits, ngrams_in(answer, n), ngrams_in(reference, n));
}

double rouge_l(const Words& reference, const Words& answer) {
  std::vector<size_t> lengths(answer.size() + 1);  // a row of the table
  for (const std::string& word : reference) {
    size_t diagonal = 0;
    for (size_t j = 1; j <= answer.size(); ++j) {
      const size_t above = lengths[j];
      lengths[j] = word == answer[j - 1] ? diagonal + 1 : std::max(above, lengths[j - 1]);
      diagonal = above;
    }
  }
  return f_measure(lengths.back(), answer.size(), reference.size());
}

double rouge_l_sum(std::string_view reference, std::string_view answer, bool stem) {
  Lines of_reference = lines_of(reference, stem);
  Lines of_answer = lines_of(answer, stem);
  size_t hits = 0;
  for (const Words& line : of_reference.lines) {
    std::vector<bool> common(line.size());
    for (const Words& other : of_answer.lines) mark_common(line, other, common);
    for (size_t i = 0; i < line.size(); ++i) {
      // A word counts as often as both texts have it.
      if (!common[i] || of_answer.counts[line[i]] == 0 || of_reference.counts[line[i]] == 0) continue;
      --of_answer.counts[line[i]];
      --of_reference.counts[line[i]];
      ++hits;
    }
  }
  return f_measure(hits, of_answer.words, of_reference.words);
}

}  // namespace peft::rouge
