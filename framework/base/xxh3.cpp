#include "base/xxh3.h"

#include <xxhash.h>

#include <new>

#include "base/hashing.h"

namespace peft::host {

Xxh3::Xxh3() : state_(XXH3_createState()) {
  if (state_ == nullptr || XXH3_128bits_reset(state_) != XXH_OK) throw std::bad_alloc();
}

Xxh3::~Xxh3() {
  XXH3_freeState(state_);
}

void Xxh3::update(const void* data, size_t size) {
  if (size > 0) XXH3_128bits_update(state_, data, size);
}

std::string Xxh3::finish() const {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(state_));
  return hex_digits(canonical.digest);
}

uint64_t Xxh3::finish_64() const {
  return XXH3_128bits_digest(state_).low64;
}

std::string xxh3(std::string_view bytes) {
  Xxh3 hash;
  hash.update(bytes);
  return hash.finish();
}

std::string xxh3_of_file(const std::filesystem::path& path) {
  return hash_of_file<Xxh3>(path);
}

}  // namespace peft::host
