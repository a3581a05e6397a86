// ROUGE (Lin 2004) as rouge_score 0.1.2 computes it: F-measures of one answer against one reference, 0 … 1.
#pragma once

#include <cstddef>
#include <string_view>

#include "words.h"

namespace peft::rouge {

// Of n-grams: ROUGE-1, ROUGE-2.
double rouge_n(const Words& reference, const Words& answer, size_t n);

// Of the longest common subsequence: ROUGE-L.
double rouge_l(const Words& reference, const Words& answer);

// ROUGE-L of summaries, line by line: for each line of the reference the union of its longest common
// subsequences with every line of the answer.
double rouge_l_sum(std::string_view reference, std::string_view answer, bool stem);

}  // namespace peft::rouge
