// A hash of all that decides what a tokenizer gives.
#pragma once

#include <string>

#include "tokenizer/definition.h"

namespace peft::host {

std::string identity_of(const TokenizerDefinition& definition);

}  // namespace peft::host
