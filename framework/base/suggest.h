// "did you mean …?", as the framework calls it.
#pragma once

#include "peft/names.h"

namespace peft::host {

using peft::did_you_mean;
using peft::edit_distance;
using peft::suggest;

}  // namespace peft::host
