// Jinja's expressions, with its precedence.
#pragma once

#include "jinja/syntax.h"
#include "jinja/token_reader.h"

namespace peft::host::jinja {

// Throws `peft::Error` with the line for what is no expression, or one that is not supported.
Expression parse_expression(TokenReader& tokens);
// Without `… if … else …`: what a loop goes over, where `if` has another meaning.
Expression parse_without_choice(TokenReader& tokens);

}  // namespace peft::host::jinja
