#include "model_io/weights_hash.h"

#include <xxhash.h>

#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>

namespace peft::host {
namespace {

// One stream of bytes. Every length stands before what it measures, so that no two sets of
// parameters give the same stream.
template <typename Update>
void feed(const std::map<std::string, TensorView>& parameters, Update update) {
  const auto number = [&](uint64_t value) { update(&value, sizeof value); };
  const auto text = [&](std::string_view value) {
    number(value.size());
    update(value.data(), value.size());
  };
  number(parameters.size());
  for (const auto& [canonical_name, tensor] : parameters) {
    text(canonical_name);
    text(peft::name(tensor.type));
    number(tensor.shape.size());
    for (const int64_t size : tensor.shape) number(static_cast<uint64_t>(size));
    number(tensor.bytes.size());
    if (!tensor.bytes.empty()) update(tensor.bytes.data(), tensor.bytes.size());
  }
}

struct FreeState {
  void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
};

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

}  // namespace

std::string weights_identity(const std::map<std::string, TensorView>& parameters) {
  const std::unique_ptr<XXH3_state_t, FreeState> state(XXH3_createState());
  if (!state || XXH3_128bits_reset(state.get()) != XXH_OK) throw std::bad_alloc();
  feed(parameters, [&](const void* bytes, size_t size) { XXH3_128bits_update(state.get(), bytes, size); });
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state.get()));
  return "xxh3-128:" + hexadecimal(canonical.digest);
}

}  // namespace peft::host
