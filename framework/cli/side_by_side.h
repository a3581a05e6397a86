// Texts beside one another, each in a column of its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace peft::host {

struct Column {
  std::string title;
  std::string text;
};

// `text` in lines of at most `width` columns, broken at blanks where there are any. Its own line breaks stay.
std::vector<std::string> wrapped(std::string_view text, size_t width);

// Side by side where `width` has room for it, else one below the other.
std::string side_by_side(const std::vector<Column>& columns, size_t width);

}  // namespace peft::host
