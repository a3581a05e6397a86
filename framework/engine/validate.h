// The verb `validate`: everything that can be wrong with a recipe, at once, and what it would do.
#pragma once

#include "engine/engine.h"
#include "plugin/plugin_set.h"

namespace peft::host {

// No weight is read: shapes alone.
ValidateOutcome validate_recipe(Recipe recipe, PluginSet& plugins);

}  // namespace peft::host
