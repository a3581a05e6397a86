// Adapters that were saved, put on the base of another run.
#pragma once

#include <filesystem>
#include <string>

#include "checkpoint/checkpoint.h"
#include "engine/session.h"

namespace peft::host {

// Throws `peft::Error` where the checkpoint was trained on another base than `base`, naming both. A base of
// shapes has no identity: then families alone are compared.
void require_same_base(const Checkpoint& checkpoint, const std::filesystem::path& path, const Recipe& recipe,
                       const BaseModel& base);

// Puts what `source` holds on the session's base as `set`, to be used, not trained: a run's folder (its
// newest checkpoint), a checkpoint's file, or an adapter folder of Hugging Face PEFT. `recipe` is the
// session's. Throws `peft::UsageError` where it is none of these, and `peft::Error` where it was trained on
// another base and where its tensors do not fit, naming them; whatever was attached by then stands on the
// model still.
void attach_saved(const std::filesystem::path& source, const Recipe& recipe, PluginSet& plugins,
                  Session& session, AdapterSet& set, Observer& observer);

}  // namespace peft::host
