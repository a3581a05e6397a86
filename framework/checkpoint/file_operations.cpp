#include "checkpoint/file_operations.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "peft/error.h"

namespace peft::host {
namespace {

[[noreturn]] void fail(const std::string& doing, int code) {
  throw Error("cannot " + doing + ": " + std::generic_category().message(code));
}

}  // namespace

OpenFile::OpenFile(OpenFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

OpenFile& OpenFile::operator=(OpenFile&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

// What close() could report has been reported by sync() before.
OpenFile::~OpenFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

FileOperations::~FileOperations() = default;

OpenFile FileOperations::create(const std::filesystem::path& path) {
  const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) fail("create " + path.string(), errno);
  return OpenFile(descriptor);
}

void FileOperations::write(const OpenFile& file, uint64_t offset, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pwrite(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) fail("write to the file", count < 0 ? errno : ENOSPC);
    bytes = bytes.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
}

void FileOperations::read(const OpenFile& file, uint64_t offset, std::span<std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::pread(file.descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read from the file", errno);
    if (count == 0) {
      std::fill(bytes.begin(), bytes.end(), std::byte{0});
      return;
    }
    bytes = bytes.subspan(static_cast<size_t>(count));
    offset += static_cast<uint64_t>(count);
  }
}

void FileOperations::resize(const OpenFile& file, uint64_t size) {
  if (::ftruncate(file.descriptor(), static_cast<off_t>(size)) != 0) fail("resize the file", errno);
}

void FileOperations::sync(const OpenFile& file) {
  if (::fsync(file.descriptor()) != 0) fail("bring the file to the disk", errno);
}

void FileOperations::sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) fail("open folder " + folder.string(), errno);
  const OpenFile file(descriptor);
  // EINVAL: a file system (some FUSE and network ones) that has no notion of syncing a folder.
  if (::fsync(descriptor) != 0 && errno != EINVAL)
    fail("bring folder " + folder.string() + " to the disk", errno);
}

void FileOperations::rename(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail("rename " + from.string() + " to " + to.string(), errno);
}

void FileOperations::remove(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove " + path.string(), errno);
}

}  // namespace peft::host
