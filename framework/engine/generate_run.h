// The verb `generate`.
#pragma once

#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/session.h"

namespace peft::host {

std::vector<std::string> generate_answers(const Recipe& recipe, Session& session, PluginSet& plugins,
                                          const GenerateRequest& request, Observer& observer);

}  // namespace peft::host
