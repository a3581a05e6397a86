// Runs as folders of other tools.
#pragma once

#include "engine/engine.h"
#include "engine/session.h"

namespace peft::host {

// Hugging Face PEFT: one method in `to` itself, several in `to`/NAME.
ExportOutcome export_peft(const Recipe& recipe, Session& session, const ExportRequest& request);

// A model in Hugging Face's layout with what can be folded into its weights. What cannot (a prefix, a prompt,
// a module between layers) stands beside it in `to`/NAME, as a PEFT folder or, where PEFT has no such form,
// as a checkpoint of ours; the outcome says so, and by how much the merged model differs from the unmerged
// one.
//
// Beside either stands the template that conversations were written with (see engine/export_template.h).
ExportOutcome export_merged(const Recipe& recipe, const RunByMethod& run, const ExportRequest& request);

}  // namespace peft::host
