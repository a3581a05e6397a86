// A value of a data file, for a message.
#pragma once

#include <string>

#include "peft/value.h"

namespace peft {

// "'good'", of a long text its beginning; "7", "0.5", "true"; else what it is: "null", "list", "map".
std::string shown(const Value& value);

}  // namespace peft
