// The library that fetches from the hub, opened only for a recipe that names something there.
#pragma once

#include <memory>

#include "hub/hub.h"

namespace peft::host {

// The library is never closed. The observer must outlive the hub. Throws `peft::Error` where the library is
// missing or does not fit, `peft::UsageError` for settings of the environment that cannot be meant.
std::unique_ptr<Hub> open_hub(HubObserver& observer);

}  // namespace peft::host
