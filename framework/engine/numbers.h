// Numbers for people.
#pragma once

#include <cstdint>
#include <string>

#include "engine/session.h"

namespace peft::host {

// 1769472 -> "1,769,472".
std::string grouped(int64_t number);
// "1,769,472 of 356,592,640 (0.4962 %)".
std::string trainable_share(int64_t trainable, int64_t total);
// The base's parameters and what is trained beside them.
int64_t total_parameters(const Session& session);

}  // namespace peft::host
