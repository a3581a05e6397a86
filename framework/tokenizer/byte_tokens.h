// Entries that stand for one byte, <0x00> to <0xFF>: what a character becomes that the vocabulary lacks.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "tokenizer/vocabulary.h"

namespace peft::host {

// -1 where the vocabulary lacks one.
std::array<TokenId, 256> byte_token_ids(const VocabularyIndex& vocabulary);

// The byte that such an entry stands for; none where the text is not one.
std::optional<unsigned char> byte_of_token(std::string_view token);

// Appends the ids of all bytes, or nothing where one is missing. Returns whether it did.
bool append_byte_tokens(const std::array<TokenId, 256>& ids, std::string_view bytes,
                        std::vector<TokenId>& to);

}  // namespace peft::host
