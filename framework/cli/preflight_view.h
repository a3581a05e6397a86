// What `validate` found out, as text and as JSON.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "peft/value.h"

namespace peft::host {

// With `styled`, trained tokens of the example are underlined; else they stand in ⟦…⟧.
std::string preflight_text(const Preflight& preflight, bool styled);

// `problems` are of plugins. `preflight` is null where there are errors.
Value validation_value(const std::vector<std::string>& problems, const std::vector<Diagnostic>& diagnostics,
                       const std::optional<Preflight>& preflight);

}  // namespace peft::host
