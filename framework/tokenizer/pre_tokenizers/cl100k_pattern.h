// The way of cutting a text into words that came with OpenAI's cl100k and that Qwen2 and Llama-3 took over:
//
//   (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,n}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|
//   \s+(?!\S)|\s+
//
// with n = 1 in Qwen2's and 3 in Llama-3's. Every byte belongs to a word, so a small automaton does without
// regular expressions.
#pragma once

#include <cstddef>
#include <string_view>

namespace peft::host {

// Length in bytes of the first word of `text`, which is well-formed UTF-8 and not empty.
std::size_t first_cl100k_word(std::string_view text, std::size_t max_digits);

}  // namespace peft::host
