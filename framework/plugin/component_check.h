// What the host asks of every component a plugin brings, so that its name and options can stand in a recipe.
#pragma once

#include <string>
#include <vector>

#include "recipe/catalogue.h"

namespace peft::host {

// Every fault as a sentence, "option 'Rank': expected …"; empty where there is none.
std::vector<std::string> component_faults(const ComponentInfo& component);

}  // namespace peft::host
