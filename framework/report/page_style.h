// How the page looks, and the little it does. Both stand in the file as they are, so that neither may hold
// what XML would read as markup (`<`, `&`).
#pragma once

#include <string_view>

namespace peft::host {

extern const std::string_view page_style;   // CSS
extern const std::string_view page_script;  // JavaScript

}  // namespace peft::host
