// Byte-level vocabularies write each byte as one printable character: itself where it is printable Latin-1,
// else one from U+0100 on, in order (so a space is Ġ). A vocabulary file is then readable and free of control
// characters.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace peft::host {

// The bytes that a vocabulary's entry stands for; none where a character is not of the alphabet.
std::optional<std::string> bytes_of_token(std::string_view token);

// The entry for some bytes.
std::string token_of_bytes(std::string_view bytes);

}  // namespace peft::host
