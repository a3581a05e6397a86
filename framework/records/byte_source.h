// The bytes of a file, unpacked where it is gzipped.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>

namespace peft::host {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Fills as much of `buffer` as is left: less than `size` only at the end. Throws `peft::Error` with the
  // path.
  virtual size_t read(char* buffer, size_t size) = 0;
};

// A gzipped file is refused where it is not in fact gzip, is damaged, ends before its time, or goes on in
// something else.
std::unique_ptr<ByteSource> open_bytes(const std::filesystem::path& file, bool gzipped);

}  // namespace peft::host
