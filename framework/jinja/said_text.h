// Stand-ins for what was said. A template is run on these instead of words: what it prints then shows where
// words go, and a template that looks into them is found out.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace peft::host {

// What the turn number `turn` said: one character of Unicode's private use area, U+E000 and on.
std::string said(size_t turn);
// The same without white space around it: U+E100 and on.
std::string said_trimmed(size_t turn);

// Whether there is any of them in `text`.
bool holds_said(std::string_view text);

struct SaidPlace {
  size_t begin = 0;  // of the stand-in in the text, in bytes
  size_t end = 0;
  size_t turn = 0;
  bool trimmed = false;
};
// The first one; nothing where there is none.
std::optional<SaidPlace> find_said(std::string_view text);

}  // namespace peft::host
