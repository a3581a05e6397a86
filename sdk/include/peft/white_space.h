// White space in UTF-8 as Python has it: what str.isspace holds for, which is Unicode's and the separators
// U+001C … U+001F.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace peft {

// The length in bytes of the white space character that `text` starts with; 0: it starts with none.
size_t leading_white_space(std::string_view text);

// Without the white space at both its ends: str.strip.
std::string_view strip_white_space(std::string_view text);

// The words between white space: str.split. They are parts of `text`.
std::vector<std::string_view> split_at_white_space(std::string_view text);

}  // namespace peft
