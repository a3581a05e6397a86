// Jinja's statements.
#pragma once

#include <string_view>

#include "jinja/syntax.h"

namespace peft::host::jinja {

// Throws `peft::Error` with the line for what is no Jinja, or a tag that is not supported.
Program parse(std::string_view source);

}  // namespace peft::host::jinja
