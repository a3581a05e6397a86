// Tensors as bytes of a file, and back.
#pragma once

#include <ATen/core/Tensor.h>

#include <string>

#include "model_io/tensor_view.h"

namespace peft::host {

at::ScalarType scalar_type(ElementType type);
// Throws `peft::Error` for a type that no file of ours has.
ElementType element_type(at::ScalarType type);

// A CPU tensor on the view's own bytes, which it keeps alive and which may be read-only: never to be written
// to. Copied where the bytes are not aligned for their type.
at::Tensor borrow_tensor(const TensorView& view);

// Bytes of a file that are in memory at once while they are converted.
inline constexpr size_t converted_at_once = size_t{16} << 20;

// A tensor of another type or on another device, converted from the view on all threads, a stretch after the
// other: of a mapped file no more than a stretch is ever in memory. The view may lie at any address.
at::Tensor convert_tensor(const TensorView& view, at::ScalarType type, const at::Device& device);

// A view of the tensor's elements, on the CPU and contiguous (copied where they are not); it keeps them
// alive.
TensorView tensor_view(std::string name, const at::Tensor& tensor);

}  // namespace peft::host
