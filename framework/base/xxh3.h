// XXH3 with 128 bits, at the speed of memory: tells contents apart in everyday use. Not made to withstand
// someone who builds a collision on purpose (base/sha256.h is).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

struct XXH3_state_s;

namespace peft::host {

class Xxh3 {
 public:
  Xxh3();
  ~Xxh3();
  Xxh3(const Xxh3&) = delete;
  Xxh3& operator=(const Xxh3&) = delete;

  // Any number of calls; together they hash the bytes laid end to end.
  void update(const void* data, size_t size);
  void update(std::string_view bytes) { update(bytes.data(), bytes.size()); }

  // 32 lower-case hexadecimal digits, of the bytes so far.
  std::string finish() const;
  // 64 of those bits, where so many will do.
  uint64_t finish_64() const;

 private:
  XXH3_state_s* state_;
};

std::string xxh3(std::string_view bytes);

// Streams the file. Throws `peft::Error` with the path where it cannot be read.
std::string xxh3_of_file(const std::filesystem::path& path);

}  // namespace peft::host
