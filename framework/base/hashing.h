// What every hash does alike.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/files.h"

namespace peft::host {

// Lower-case, two digits a byte.
template <class Bytes>
std::string hex_digits(const Bytes& bytes) {
  std::string digits;
  for (const uint8_t byte : bytes) {
    digits += "0123456789abcdef"[byte >> 4];
    digits += "0123456789abcdef"[byte & 15];
  }
  return digits;
}

// Streams the file through `Hash`. Throws `peft::Error` with the path where it cannot be read.
template <class Hash>
std::string hash_of_file(const std::filesystem::path& path) {
  InputFile file(path);
  std::vector<char> buffer(size_t{1} << 18);
  Hash hash;
  while (const size_t size = file.read(buffer.data(), buffer.size())) hash.update(buffer.data(), size);
  return hash.finish();
}

}  // namespace peft::host
