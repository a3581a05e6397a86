#include "train/microbatches.h"

#include <algorithm>
#include <numeric>

namespace peft::host {

std::vector<std::vector<size_t>> pack_by_tokens(const std::vector<int64_t>& tokens, int64_t budget) {
  std::vector<size_t> order(tokens.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return tokens[a] > tokens[b]; });
  std::vector<std::vector<size_t>> parts;
  std::vector<int64_t> room;
  for (const size_t place : order) {
    const auto found =
        std::find_if(room.begin(), room.end(), [&](int64_t left) { return left >= tokens[place]; });
    if (found == room.end()) {
      parts.push_back({place});
      room.push_back(budget - tokens[place]);
      continue;
    }
    parts[static_cast<size_t>(found - room.begin())].push_back(place);
    *found -= tokens[place];
  }
  return parts;
}

std::vector<std::vector<size_t>> parts_of(size_t examples, size_t count) {
  std::vector<std::vector<size_t>> parts;
  for (size_t place = 0; place < examples; ++place) {
    if (place % count == 0) parts.emplace_back();
    parts.back().push_back(place);
  }
  return parts;
}

}  // namespace peft::host
