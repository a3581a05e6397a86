// What of a recipe's `evaluate` cannot work, or would say nothing: told before the training, not after it.
#pragma once

#include "engine/session.h"
#include "plugin/plugin_set.h"
#include "recipe/diagnostics.h"
#include "recipe/recipe.h"

namespace peft::host {

// Makes each metric once, so that a mistake in its options shows; warns of answers that are longer than the
// model's positions allow, and of evaluations on the way (`every`) that have nothing to measure. The session
// needs its set; a base is looked at where there is one.
void check_evaluation(const Recipe& recipe, PluginSet& plugins, const Session& session,
                      Diagnostics& diagnostics);

}  // namespace peft::host
