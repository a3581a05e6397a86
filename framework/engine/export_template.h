// The run's conversation template beside what is exported.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/session.h"

namespace peft::host {

// Writes chat_template.jinja into `folder`, which is there, unless the base comes with the same template.
// Returns what to say of it: also where transformers cannot be told the template, and why. Nothing of a task
// without conversations, and of the template `empty`.
std::optional<std::string> export_template(const Recipe& recipe, const Session& session,
                                           const std::filesystem::path& folder);

}  // namespace peft::host
