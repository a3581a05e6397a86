// The tokenisation of mteval-v13a, WMT's scorer, as sacrebleu has it under the name `13a`.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peft::bleu {

// The words of a segment, in UTF-8. White space at its end is dropped first, as sacrebleu does before it
// tokenises; white space is Python's: Unicode's, and the separators U+001C … U+001F.
std::vector<std::string> tokenize_13a(std::string_view segment);

}  // namespace peft::bleu
