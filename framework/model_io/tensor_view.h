// A tensor as it stands in a weight file: a name, a type, a shape and borrowed bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "peft/element_type.h"

namespace peft::host {

// Row-major and contiguous; little-endian elements.
// `bytes` need not be aligned for `type` (a file may place its data anywhere): copy, or check before casting.
// `bytes` of a file are mapped read-only: what is to be changed (a trained tensor) must be copied first.
// `bytes` stays valid as long as `owner` is held. An empty owner means that whoever made the view keeps the
// bytes alive (as when tensors of a running model are written out).
struct TensorView {
  std::string name;
  ElementType type = ElementType::float32;
  std::vector<int64_t> shape;  // empty for a scalar; sizes may be 0
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> owner;
  bool mapped = false;  // of a `MappedFile`: pages may be dropped (base/mapped_file.h)
};

// The bytes a tensor of this shape takes; nothing where a size is negative or the product exceeds 64 bits.
std::optional<uint64_t> byte_count(ElementType type, const std::vector<int64_t>& shape);

// "[768, 2304]", for messages.
std::string shape_text(const std::vector<int64_t>& shape);

}  // namespace peft::host
