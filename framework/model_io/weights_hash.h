// Which weights these are: a hash of a model's parameters.
#pragma once

#include <map>
#include <string>

#include "model_io/tensor_view.h"

namespace peft::host {

// "xxh3-128:" and 32 hexadecimal digits, at the speed of memory: what a checkpoint remembers of its base. Not
// made to withstand someone who builds a collision on purpose.
//
// Covers, in the order of the canonical names, each parameter's name, element type, shape and all of its
// bytes, every one of them read from the disk; so the file's own names, the sharding and leftovers in the
// file make no difference, and any changed bit does.
std::string weights_identity(const std::map<std::string, TensorView>& parameters);
// The same; the pages of mapped weights are dropped once they were read. For weights that are in use
// somewhere else, as a converted copy: no more than a few megabytes of the file are then ever resident.
std::string weights_identity_in_passing(const std::map<std::string, TensorView>& parameters);

}  // namespace peft::host
