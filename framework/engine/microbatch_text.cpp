#include "engine/microbatch_text.h"

#include "base/figures.h"
#include "recipe/recipe.h"

namespace peft::host {

std::string microbatch_text(int64_t tokens_per_microbatch) {
  if (tokens_per_microbatch == whole_batches) return "batches computed whole";
  return "micro-batches of at most " + with_separators(tokens_per_microbatch) + " tokens";
}

}  // namespace peft::host
