// What committing a checkpoint does to the disk. An interface, so that a test can make the n-th call fail or
// end the process there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace peft::host {

// An open file; closes it. The descriptor is for calls of `FileOperations` only.
class OpenFile {
 public:
  explicit OpenFile(int descriptor) : descriptor_(descriptor) {}
  OpenFile(OpenFile&& other) noexcept;
  OpenFile& operator=(OpenFile&& other) noexcept;
  ~OpenFile();

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_;
};

// Each call is complete when it returns, or throws `peft::Error` with the system's reason.
// Stateless: calls from several threads are safe as far as the system's own are.
class FileOperations {
 public:
  virtual ~FileOperations();

  // For reading and writing; an existing file is emptied.
  virtual OpenFile create(const std::filesystem::path& path);
  virtual void write(const OpenFile& file, uint64_t offset, std::span<const std::byte> bytes);
  // Bytes beyond the end of the file read as zeros.
  virtual void read(const OpenFile& file, uint64_t offset, std::span<std::byte> bytes);
  virtual void resize(const OpenFile& file, uint64_t size);
  // Returns when the disk has the file's content.
  virtual void sync(const OpenFile& file);
  // Returns when the disk has the folder's names.
  virtual void sync_folder(const std::filesystem::path& folder);
  // Replaces `to` in one step.
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to);
  // A file that does not exist counts as removed.
  virtual void remove(const std::filesystem::path& path);
};

}  // namespace peft::host
