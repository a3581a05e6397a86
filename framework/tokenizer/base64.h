// Base 64 (RFC 4648), as binary tables stand in JSON.
#pragma once

#include <string>
#include <string_view>

namespace peft::host {

// Throws peft::Error where a character is not of the alphabet.
std::string decode_base64(std::string_view text);
std::string encode_base64(std::string_view bytes);

}  // namespace peft::host
