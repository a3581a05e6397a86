// A file that appears whole or not at all.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace peft::host {

// Writes to `PATH.tmp`. Destroyed without a commit it removes that file and leaves `PATH` as it was.
class AtomicFile {
 public:
  // Throws `peft::Error` where the file cannot be made.
  explicit AtomicFile(std::filesystem::path path);
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;
  ~AtomicFile();

  // Throws `peft::Error` unless all of it was taken (a full disk).
  void write(std::span<const std::byte> bytes);

  // Brings the bytes to the disk, then gives them the name `PATH`, then brings the folder to the disk: after
  // a power cut there is the old file or the whole new one.
  void commit();

 private:
  std::filesystem::path path_;
  std::filesystem::path temporary_;
  int descriptor_ = -1;  // -1 after the commit
};

}  // namespace peft::host
