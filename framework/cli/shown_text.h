// Text made fit for a terminal: how wide it stands there, cut to fit, and with nothing in it that would drive
// it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace peft::host {

// Columns that `text` takes. Wide East Asian characters and emoji take two, combining marks none; malformed
// bytes count one each.
size_t display_width(std::string_view text);

// At most `width` columns of it, on one line: line breaks become "⏎", and what was cut off "…". Never cuts
// through a character.
std::string one_line(std::string_view text, size_t width);

// Control characters other than line breaks and tabs as "\x1b": a data set's text must not give the terminal
// orders. Malformed UTF-8 becomes U+FFFD.
std::string without_controls(std::string_view text);

}  // namespace peft::host
