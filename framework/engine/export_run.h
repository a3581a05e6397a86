// Runs as folders of other tools.
#pragma once

#include "engine/engine.h"
#include "engine/session.h"

namespace peft::host {

// Hugging Face PEFT: one method in `to` itself, several in `to`/NAME.
ExportOutcome export_peft(const Recipe& recipe, Session& session, const ExportRequest& request);

// A model in Hugging Face's layout with what can be folded into its weights; what cannot (a prefix, a prompt)
// stands beside it as a PEFT folder, and the outcome says so.
ExportOutcome export_merged(const Recipe& recipe, Session& session, const ExportRequest& request);

}  // namespace peft::host
