// Runs a chat template on a conversation.
#pragma once

#include <optional>
#include <string>

#include "jinja/syntax.h"
#include "peft/value.h"

namespace peft::host::jinja {

// What the template prints with these variables (`messages`, `bos_token`, …); nothing where it refuses the
// conversation itself (raise_exception). Throws `peft::Error` with the line where it does something that is
// not understood, or looks into what was said.
std::optional<std::string> rendered(const Program& program, const Value& variables);

}  // namespace peft::host::jinja
