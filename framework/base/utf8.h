// UTF-8 as Python's codec sees it: what is malformed becomes U+FFFD, one for each maximal subpart
// (Unicode 16.0, section 3.9, "U+FFFD Substitution of Maximal Subparts"), as in bytes.decode("utf-8",
// "replace").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peft::host {

inline constexpr std::string_view replacement_character = "\xEF\xBF\xBD";  // U+FFFD

// Length of the longest well-formed prefix, in bytes: `bytes.size()` where all of it is well formed.
std::size_t valid_utf8_prefix(std::string_view bytes);

// As `valid_utf8_prefix`, but malformed sequences count as long as they are complete: what is left over (at
// most three bytes) is the start of a character whose other bytes may still come. For text that arrives in
// pieces.
std::size_t complete_utf8_prefix(std::string_view bytes);

// Replaces every malformed sequence in place. Returns how many were replaced, so that a caller can count and
// report.
std::size_t replace_invalid_utf8(std::string& text);

}  // namespace peft::host
