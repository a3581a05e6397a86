#include "model_io/tensor_view.h"

#include <limits>

namespace peft::host {

std::optional<uint64_t> byte_count(ElementType type, const std::vector<int64_t>& shape) {
  // Zero sizes do not excuse the others: [2^62, 2^62, 0] is a lie too.
  uint64_t bytes = size_in_bytes(type);
  bool empty = false;
  for (const int64_t size : shape) {
    if (size < 0) return std::nullopt;
    if (size == 0) {
      empty = true;
      continue;
    }
    if (bytes > std::numeric_limits<uint64_t>::max() / static_cast<uint64_t>(size)) return std::nullopt;
    bytes *= static_cast<uint64_t>(size);
  }
  return empty ? 0 : bytes;
}

std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t size : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(size);
  }
  return text + "]";
}

}  // namespace peft::host
