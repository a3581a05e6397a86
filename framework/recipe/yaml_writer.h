// Plain values to YAML text that reads back as the same values, with YAML 1.1 readers too.
#pragma once

#include <string>

#include "peft/value.h"

namespace peft::host {

// Maps in block style, lists of short scalars on one line. Numbers are the shortest decimals that read back
// as the same double, and never look like integers.
std::string write_yaml(const peft::Value& value);

// A scalar on one line; texts in quotes wherever a reader could take them for something else.
std::string yaml_scalar(const peft::Value& scalar);

}  // namespace peft::host
