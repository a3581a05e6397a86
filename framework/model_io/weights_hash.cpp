#include "model_io/weights_hash.h"

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/mapped_file.h"
#include "base/xxh3.h"

namespace peft::host {
namespace {

// One stream of bytes. Every length stands before what it measures, so that no two sets of parameters give
// the same stream. `update` gets the tensor where the bytes are a tensor's.
template <typename Update>
void feed(const std::map<std::string, TensorView>& parameters, Update update) {
  const auto number = [&](uint64_t value) { update(nullptr, &value, sizeof value); };
  const auto text = [&](std::string_view value) {
    number(value.size());
    update(nullptr, value.data(), value.size());
  };
  number(parameters.size());
  for (const auto& [canonical_name, tensor] : parameters) {
    text(canonical_name);
    text(peft::name(tensor.type));
    number(tensor.shape.size());
    for (const int64_t size : tensor.shape) number(static_cast<uint64_t>(size));
    number(tensor.bytes.size());
    update(&tensor, tensor.bytes.data(), tensor.bytes.size());
  }
}

constexpr size_t piece_bytes = size_t{4} << 20;

}  // namespace

std::string weights_identity(const std::map<std::string, TensorView>& parameters) {
  Xxh3 hash;
  feed(parameters, [&](const TensorView*, const void* bytes, size_t size) { hash.update(bytes, size); });
  return "xxh3-128:" + hash.finish();
}

std::string weights_identity_in_passing(const std::map<std::string, TensorView>& parameters) {
  Xxh3 hash;
  feed(parameters, [&](const TensorView* tensor, const void* bytes, size_t size) {
    if (tensor == nullptr || !tensor->mapped) return hash.update(bytes, size);
    for (std::span<const std::byte> rest = tensor->bytes; !rest.empty();) {
      const auto piece = rest.first(std::min(rest.size(), piece_bytes));
      hash.update(piece.data(), piece.size());
      drop_pages(piece);
      rest = rest.subspan(piece.size());
    }
  });
  return "xxh3-128:" + hash.finish();
}

}  // namespace peft::host
