#include "base/mapped_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "peft/error.h"

namespace peft::host {
namespace {

// Closes the descriptor on every way out; a mapping does not need it.
struct Descriptor {
  int value;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

[[noreturn]] void fail(const std::filesystem::path& path, const char* what) {
  throw Error(path.string() + ": cannot " + what + " this file: " + std::strerror(errno));
}

std::span<const std::byte> map(int descriptor, const std::filesystem::path& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) fail(path, "examine");
  if (!S_ISREG(status.st_mode)) {
    throw Error(path.string() + ": expected a file, found " +
                (S_ISDIR(status.st_mode) ? "a folder" : "a device or pipe"));
  }
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return {};  // an empty mapping is an error to mmap
  void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (address == MAP_FAILED) fail(path, "map");
  return {static_cast<const std::byte*>(address), size};
}

Descriptor open(const std::filesystem::path& path) {
  // Without O_NONBLOCK, opening a named pipe waits for a writer for ever.
  return {::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
}

std::span<const std::byte> open_and_map(const std::filesystem::path& path) {
  const Descriptor file = open(path);
  if (file.value < 0) fail(path, "open");
  return map(file.value, path);
}

}  // namespace

MappedFile::MappedFile(const std::filesystem::path& path) : bytes_(open_and_map(path)) {}

std::optional<MappedFile> MappedFile::if_there(const std::filesystem::path& path) {
  const Descriptor file = open(path);
  if (file.value < 0 && errno == ENOENT) return {};
  if (file.value < 0) fail(path, "open");
  return MappedFile(map(file.value, path));
}

MappedFile::MappedFile(int descriptor, const std::filesystem::path& path) : bytes_(map(descriptor, path)) {}

MappedFile::MappedFile(MappedFile&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  return *this;
}

MappedFile::~MappedFile() {
  if (!bytes_.empty()) ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

void drop_pages(std::span<const std::byte> mapped) {
  if (mapped.empty()) return;
  // Whole pages: a neighbour's bytes on the first or last of them are read again like these.
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(mapped.data()) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(mapped.data() + mapped.size());
  // A refusal costs memory and nothing else.
  ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

}  // namespace peft::host
