// Verbs that ask a run many things: `chat` and `compare`.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "engine/session.h"

namespace peft::host {

// Takes the session over. The plugins must outlive it.
std::unique_ptr<OpenRun> make_open_run(Recipe recipe, const RecipeGeneration& generation, Session session,
                                       PluginSet& plugins);

}  // namespace peft::host
