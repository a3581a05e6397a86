// One component of a manifest, as JSON and back.
#pragma once

#include "peft/value.h"
#include "recipe/catalogue.h"

namespace peft::host {

// Everything but the plugin's file and version, which the manifest states once.
Value component_to_value(const ComponentInfo& component);

// Throws `peft::Error` for what is missing or ill-typed.
ComponentInfo component_from_value(const Value& value);

}  // namespace peft::host
