#include "data/start_of_text.h"

#include <algorithm>

namespace peft::host {

std::vector<int64_t> start_of_text(const TextCodec& codec) {
  constexpr int64_t text = -1;  // no token's id
  std::vector<int64_t> ids = codec.with_special_tokens({text});
  ids.erase(std::ranges::find(ids, text), ids.end());
  return ids;
}

}  // namespace peft::host
