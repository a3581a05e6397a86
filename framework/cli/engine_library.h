// The library that computes, opened only by verbs that do: a second or more, for it brings LibTorch.
#pragma once

#include <memory>

#include "engine/engine.h"
#include "plugin/plugin_catalogue.h"

namespace peft::host {

// Opens the engine beside the program and makes one. The library is never closed, so that what it made may
// outlive the call; `catalogue` must outlive the engine. Throws `peft::Error` where the library is missing or
// does not fit.
std::unique_ptr<Engine> open_engine(const PluginCatalogue& catalogue);

}  // namespace peft::host
