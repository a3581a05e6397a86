// SHA-256 (FIPS 180-4), which names plugins, weights and checkpoints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace peft::host {

class Sha256 {
 public:
  // Any number of calls; together they hash the bytes laid end to end.
  void update(const void* data, size_t size);
  void update(std::string_view bytes) { update(bytes.data(), bytes.size()); }

  // 64 lower-case hexadecimal digits. Ends the hash: nothing may be called afterwards.
  std::string finish();

 private:
  static constexpr size_t block_size = 64;
  void compress(const uint8_t* block);

  std::array<uint32_t, 8> state_ = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<uint8_t, block_size> pending_{};  // the first `total_ % block_size` bytes wait for a full block
  uint64_t total_ = 0;                         // bytes given so far
};

std::string sha256(std::string_view bytes);

// Streams the file. Throws `peft::Error` with the path where it cannot be read.
std::string sha256_of_file(const std::filesystem::path& path);

}  // namespace peft::host
