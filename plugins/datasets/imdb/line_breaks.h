// Line breaks that a web page left in a text.
#pragma once

#include <string>
#include <string_view>

namespace peft::imdb {

// `text` with every `<br>`, `<br/>` and `<br />`, in either case, replaced.
std::string replace_line_breaks(std::string_view text, std::string_view replacement);

}  // namespace peft::imdb
