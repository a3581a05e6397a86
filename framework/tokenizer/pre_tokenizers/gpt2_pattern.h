// GPT-2's way of cutting a text into words, before byte pairs are merged within each:
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// Every byte belongs to a word, so the pattern is a small automaton that needs no regular expressions.
#pragma once

#include <cstddef>
#include <string_view>

namespace peft::host {

// Length in bytes of the first word of `text`, which is well-formed UTF-8 and not empty. What stands before
// does not matter: the pattern never looks back.
std::size_t first_gpt2_word(std::string_view text);

}  // namespace peft::host
