// Messages of a bounded length.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peft::host {

// `message` where it has no more than so many bytes. Of a longer one, which quotes a file's text or its
// thousands of columns, the middle is left out: it begins with the place and ends with what to do. Never cuts
// through a character.
inline constexpr size_t longest_message = 2000;
std::string shortened(std::string_view message);

}  // namespace peft::host
