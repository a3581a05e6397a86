// Adapters as they are named on the command line and in `chat`: A,B=0.5.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"

namespace peft::host {

// Names with commas between them, each with the weight it acts by behind its last '=', 1 unless given. What
// exists under its whole text is a name, whatever is in it (runs/lr=2e-4). Throws `peft::UsageError`.
std::vector<AdapterChoice> parse_adapters(std::string_view text);

inline constexpr std::string_view adapters_doc =
    "these act in the place of RUN's own, by the weights behind '=' (1 unless given): runs, checkpoints or "
    "PEFT "
    "folders, all on RUN's base";

// The one RUN there is among `words`; where there is none, the first of the adapters, on whose base the
// others act then.
std::string run_or_first_adapter(const std::vector<std::string>& words,
                                 const std::vector<AdapterChoice>& adapters);

// "A, B by 0.5": for titles. "none" of none.
std::string adapters_text(const std::vector<AdapterChoice>& adapters);

// What is in memory, a line each, with what it acts by.
std::string adapters_table(const std::vector<LoadedAdapter>& adapters);

}  // namespace peft::host
