// Which weights these are: two hashes of a model's parameters.
//
// Both cover, in the order of the canonical names, each parameter's name, element type, shape and all of its
// bytes; so the file's own names, the sharding and leftovers in the file make no difference, and any changed
// bit does. Both read every weight from the disk.
#pragma once

#include <map>
#include <string>

#include "model_io/tensor_view.h"

namespace peft::host {

// "xxh3-128:" and 32 hexadecimal digits, at the speed of memory. Tells weights apart in everyday use: what a
// checkpoint remembers of its base. Not made to withstand someone who builds a collision on purpose.
std::string weights_identity(const std::map<std::string, TensorView>& parameters);

// "sha256:" and 64 hexadecimal digits; four seconds or more a gigabyte. For publishing and for proof.
std::string weights_sha256(const std::map<std::string, TensorView>& parameters);

}  // namespace peft::host
