// oneDNN compiles a matrix product for each shape it meets, and keeps the code of those it met last: memory
// that grows with the sizes of micro-batches, not with any one of them.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/session.h"

namespace peft::host {

struct CompiledProducts {
  int64_t of_a_size = 0;  // of a micro-batch: how many shapes it multiplies; 0 where nothing is compiled
  int64_t kept = 0;       // products at most

  // Once micro-batches of so many sizes have been computed.
  int64_t bytes(size_t sizes) const;
};

// Of a recipe's training. `session` may have shapes only.
CompiledProducts compiled_products(const Recipe& recipe, const Session& session);

}  // namespace peft::host
