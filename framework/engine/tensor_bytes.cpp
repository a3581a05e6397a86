#include "engine/tensor_bytes.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/from_blob.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>

#include "base/mapped_file.h"
#include "peft/error.h"

namespace peft::host {

static_assert(converted_at_once % 8 == 0, "whole elements of every type");

at::ScalarType scalar_type(ElementType type) {
  switch (type) {
    case ElementType::float64: return at::kDouble;
    case ElementType::float32: return at::kFloat;
    case ElementType::float16: return at::kHalf;
    case ElementType::bfloat16: return at::kBFloat16;
    case ElementType::int64: return at::kLong;
    case ElementType::int32: return at::kInt;
    case ElementType::int16: return at::kShort;
    case ElementType::int8: return at::kChar;
    case ElementType::uint8: return at::kByte;
    case ElementType::boolean: return at::kBool;
  }
  throw Error("an element type without a tensor type");
}

ElementType element_type(at::ScalarType type) {
  switch (type) {
    case at::kDouble: return ElementType::float64;
    case at::kFloat: return ElementType::float32;
    case at::kHalf: return ElementType::float16;
    case at::kBFloat16: return ElementType::bfloat16;
    case at::kLong: return ElementType::int64;
    case at::kInt: return ElementType::int32;
    case at::kShort: return ElementType::int16;
    case at::kChar: return ElementType::int8;
    case at::kByte: return ElementType::uint8;
    case at::kBool: return ElementType::boolean;
    default: throw Error(std::string("a tensor of type ") + c10::toString(type) + " cannot be stored");
  }
}

at::Tensor borrow_tensor(const TensorView& view) {
  const at::ScalarType type = scalar_type(view.type);
  if (view.bytes.empty()) return at::empty(view.shape, type);
  const auto address = reinterpret_cast<std::uintptr_t>(view.bytes.data());
  if (address % size_in_bytes(view.type) != 0) {
    at::Tensor copy = at::empty(view.shape, type);
    std::memcpy(copy.data_ptr(), view.bytes.data(), view.bytes.size());
    return copy;
  }
  void* data = const_cast<std::byte*>(view.bytes.data());  // LibTorch has no read-only tensors
  return at::from_blob(
      data, view.shape, [owner = view.owner](void*) {}, at::TensorOptions().dtype(type));
}

at::Tensor convert_tensor(const TensorView& view, at::ScalarType type, const at::Device& device) {
  at::Tensor converted = at::empty(view.shape, at::TensorOptions().dtype(type).device(device));
  const at::Tensor elements = converted.view({-1});
  const size_t size = size_in_bytes(view.type);
  for (size_t begin = 0; begin < view.bytes.size(); begin += converted_at_once) {
    TensorView stretch = view;
    stretch.bytes = view.bytes.subspan(begin, std::min(converted_at_once, view.bytes.size() - begin));
    const auto count = static_cast<int64_t>(stretch.bytes.size() / size);
    stretch.shape = {count};
    elements.narrow(0, static_cast<int64_t>(begin / size), count).copy_(borrow_tensor(stretch));
    if (view.mapped) drop_pages(stretch.bytes);
  }
  return converted;
}

TensorView tensor_view(std::string name, const at::Tensor& tensor) {
  const auto elements = std::make_shared<at::Tensor>(tensor.detach().cpu().contiguous());
  const auto* data = static_cast<const std::byte*>(elements->const_data_ptr());
  return {.name = std::move(name),
          .type = element_type(elements->scalar_type()),
          .shape = elements->sizes().vec(),
          .bytes = {data, static_cast<size_t>(elements->nbytes())},
          .owner = elements};
}

}  // namespace peft::host
