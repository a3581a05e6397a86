// Porter's algorithm for suffix stripping (Program 14, 1980) as NLTK has it by default: with Porter's later
// changes and NLTK's own. rouge_score stems with it.
#pragma once

#include <string>
#include <string_view>

namespace peft::rouge {

// Of a word in lower case.
std::string porter_stem(std::string_view word);

}  // namespace peft::rouge
