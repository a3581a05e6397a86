#include "checkpoint/element_statistics.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "peft/error.h"

namespace peft::host {
namespace {

double from_bfloat16(uint16_t bits) {
  return std::bit_cast<float>(uint32_t{bits} << 16);
}

// IEEE 754 binary16: (-1)^sign × 2^(exponent - 15) × 1.mantissa; subnormal where the exponent is 0.
double from_float16(uint16_t bits) {
  const int exponent = (bits >> 10) & 0x1f;
  const int mantissa = bits & 0x3ff;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 0x1f) return mantissa == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  if (exponent == 0) return sign * std::ldexp(mantissa, -24);
  return sign * std::ldexp(mantissa + 1024, exponent - 25);
}

template <typename Stored, typename Convert>
ElementStatistics accumulate(const TensorView& tensor, Convert convert) {
  ElementStatistics statistics;
  double sum = 0;
  for (size_t offset = 0; offset < tensor.bytes.size(); offset += sizeof(Stored)) {
    Stored stored;
    std::memcpy(&stored, tensor.bytes.data() + offset, sizeof(Stored));  // bytes may be unaligned
    const double element = convert(stored);
    statistics.non_zero += element != 0 ? 1 : 0;
    if (std::isfinite(element)) {
      sum += element * element;
    } else {
      ++statistics.non_finite;
    }
  }
  statistics.norm = std::sqrt(sum);
  return statistics;
}

template <typename Stored>
ElementStatistics accumulate(const TensorView& tensor) {
  return accumulate<Stored>(tensor, [](Stored element) { return static_cast<double>(element); });
}

}  // namespace

ElementStatistics element_statistics(const TensorView& tensor) {
  switch (tensor.type) {
    case ElementType::float64: return accumulate<double>(tensor);
    case ElementType::float32: return accumulate<float>(tensor);
    case ElementType::float16: return accumulate<uint16_t>(tensor, from_float16);
    case ElementType::bfloat16: return accumulate<uint16_t>(tensor, from_bfloat16);
    case ElementType::int64: return accumulate<int64_t>(tensor);
    case ElementType::int32: return accumulate<int32_t>(tensor);
    case ElementType::int16: return accumulate<int16_t>(tensor);
    case ElementType::int8: return accumulate<int8_t>(tensor);
    case ElementType::uint8:
    case ElementType::boolean: return accumulate<uint8_t>(tensor);
  }
  throw Error("tensor '" + tensor.name + "' has an element type without a norm");
}

}  // namespace peft::host
