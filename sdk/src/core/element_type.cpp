#include "peft/element_type.h"

#include <string>

#include "peft/error.h"

namespace peft {
namespace {

struct Description {
  std::size_t bytes;
  std::string_view name;
};

Description describe(ElementType type) {
  switch (type) {
    case ElementType::float64: return {8, "float64"};
    case ElementType::float32: return {4, "float32"};
    case ElementType::float16: return {2, "float16"};
    case ElementType::bfloat16: return {2, "bfloat16"};
    case ElementType::int64: return {8, "int64"};
    case ElementType::int32: return {4, "int32"};
    case ElementType::int16: return {2, "int16"};
    case ElementType::int8: return {1, "int8"};
    case ElementType::uint8: return {1, "uint8"};
    case ElementType::boolean: return {1, "boolean"};
  }
  // Only a number read from outside and cast without a check gets here.
  throw Error("element type number " + std::to_string(static_cast<int>(type)) + " does not exist");
}

}  // namespace

std::size_t size_in_bytes(ElementType type) {
  return describe(type).bytes;
}

std::string_view name(ElementType type) {
  return describe(type).name;
}

}  // namespace peft
