// The words of a text as rouge_score's default tokeniser finds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace peft::rouge {

using Words = std::vector<std::string>;

// Runs of a–z and 0–9 of the text in lower case; with `stem`, those of more than three letters without their
// endings (see porter_stemmer.h).
Words words_of(std::string_view text, bool stem);

}  // namespace peft::rouge
