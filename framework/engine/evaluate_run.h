// Base against tuned, on the examples a run holds out.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "engine/engine.h"
#include "engine/run_data.h"
#include "engine/session.h"
#include "plugin/plugin_set.h"

namespace peft::host {

// All metrics and samples, base and tuned; writes evaluation.json and samples.jsonl into the run's folder.
// Nothing where it was interrupted.
std::optional<EvaluationTable> evaluate_run(const Recipe& recipe, Session& session, const RunData& data,
                                            PluginSet& plugins, Observer& observer);

// The tuned model's figures of the metrics that need no generation: cheap enough for the middle of a run.
// Nothing where it was interrupted.
std::optional<std::map<std::string, double>> quick_figures(const Recipe& recipe, Session& session,
                                                           const RunData& data, PluginSet& plugins,
                                                           Observer& observer);

}  // namespace peft::host
