// The verb `run`: trains, saves, evaluates.
#pragma once

#include "engine/engine.h"
#include "plugin/plugin_set.h"

namespace peft::host {

RunOutcome run_recipe(Recipe recipe, const RunOptions& options, PluginSet& plugins, Observer& observer);

}  // namespace peft::host
