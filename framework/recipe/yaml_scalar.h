// What a plain (unquoted) scalar means, by the core schema of YAML 1.2.2, section 10.3.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "peft/value.h"

namespace peft::host {

// Null, a boolean, an integer (also 0x1f and 0o17), a number (1e-4, .5, .inf), else text: `off` and `1_000`
// are texts. Nothing, and the reason in `problem`, for what different readers take for different numbers (012
// is 12 to some and 10 to others) and for numbers beyond 64 bits or a double's range.
std::optional<peft::Value> resolve_plain_scalar(std::string_view text, std::string& problem);

}  // namespace peft::host
