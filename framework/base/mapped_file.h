// A file's bytes in memory, read-only, fetched from the disk when they are first touched.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>

namespace peft::host {

// Owns the mapping: `bytes()` is valid until destruction. Replacing the file by renaming another over it
// leaves a mapping as it was; shortening the file in place while it is mapped ends the program (SIGBUS), as
// it does for every reader that maps.
class MappedFile {
 public:
  // Throws `peft::Error` where the path is not a readable regular file.
  explicit MappedFile(const std::filesystem::path& path);
  // Nothing where there is no such file: one question, where "does it exist?" and "open it" would be two,
  // with another process between them.
  static std::optional<MappedFile> if_there(const std::filesystem::path& path);
  // Of a file that is open already, and may have no name any more; the descriptor stays the caller's.
  // `path` is for messages.
  MappedFile(int descriptor, const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  explicit MappedFile(std::span<const std::byte> bytes) : bytes_(bytes) {}

  std::span<const std::byte> bytes_;
};

// Gives back the memory behind bytes of a mapping: what was read once, to be converted or hashed, need not
// stay resident. Touched again, they come from the file again. `mapped` must lie within a `MappedFile`.
void drop_pages(std::span<const std::byte> mapped);

}  // namespace peft::host
