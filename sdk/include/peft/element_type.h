// The element type of a tensor as it stands in a file, without any tensor library behind it.
#pragma once

#include <cstddef>
#include <string_view>

namespace peft {

enum class ElementType {
  float64,
  float32,
  float16,
  bfloat16,
  int64,
  int32,
  int16,
  int8,
  uint8,
  boolean,  // one byte, 0 or 1
};

// Bytes of one element.
std::size_t size_in_bytes(ElementType type);

// The enumerator's own name: "float32", "bfloat16", "boolean".
std::string_view name(ElementType type);

}  // namespace peft
