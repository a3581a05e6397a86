// The spaces that tokenizing put before English punctuation and contractions, taken out again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peft::host {

// transformers' clean_up_tokenization: " ." to ".", " n't" to "n't" and so on, one after the other.
void clean_up_tokenization(std::string& text);

// How much of a text that was cleaned up stays as it is whatever comes after it.
std::size_t cleaned_up_prefix(std::string_view text);

// The same as the WordPiece decoder of tokenizers does it to each token, which also knows " do not".
void clean_up_word_piece(std::string& token);

}  // namespace peft::host
