// A text's beginning, ended where a sentence ends.
#pragma once

#include <cstdint>
#include <string_view>

namespace peft::imdb {

// The first sentences of `text` that have at most `max_words` words together; where already the first has
// more, its first words. A sentence ends in `.`, `!` or `?`, be quotes or brackets closed behind it.
std::string_view first_sentences(std::string_view text, int64_t max_words);

}  // namespace peft::imdb
