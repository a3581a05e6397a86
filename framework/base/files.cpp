#include "base/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <system_error>
#include <utility>

#include "base/temporary_file.h"
#include "peft/error.h"

namespace peft::host {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  const int reason = errno;
  throw Error("cannot " + what + " " + path.string() + ": " + std::generic_category().message(reason));
}

// Closes on every way out.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

void sync_folder_of(const std::filesystem::path& path) {
  const std::filesystem::path folder = path.has_parent_path() ? path.parent_path() : ".";
  Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.number() < 0) fail("open the folder", folder);
  // Some file systems have no fsync of folders and say EINVAL; there is nothing more to be had from them.
  if (::fsync(descriptor.number()) != 0 && errno != EINVAL) fail("sync the folder", folder);
}

}  // namespace

InputFile::InputFile(std::filesystem::path path)
    : path_(std::move(path)), descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
  if (descriptor_ < 0) fail("open", path_);
}

InputFile::~InputFile() {
  ::close(descriptor_);
}

size_t InputFile::read(char* buffer, size_t size) {
  size_t filled = 0;
  while (filled < size) {
    const ssize_t count = ::read(descriptor_, buffer + filled, size - filled);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) fail("read", path_);
    if (count == 0) break;
    filled += static_cast<size_t>(count);
  }
  return filled;
}

std::string read_file(const std::filesystem::path& path) {
  InputFile file(path);
  std::error_code unknown;  // pipes and /proc tell no size: then it grows as it goes
  const auto size = std::filesystem::file_size(path, unknown);
  std::string content;
  size_t filled = 0;
  size_t room = unknown ? size_t{1} << 16 : static_cast<size_t>(size) + 1;
  do {
    content.resize(filled + room);
    filled += file.read(content.data() + filled, room);
    room = content.size();
  } while (filled == content.size());
  content.resize(filled);
  return content;
}

void create_folders(const std::filesystem::path& path) {
  std::error_code problem;
  std::filesystem::create_directories(path, problem);
  if (problem) throw Error("cannot create the folder " + path.string() + ": " + problem.message());
}

void sync_file(const std::filesystem::path& path) {
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.number() < 0) fail("open", path);
  if (::fsync(descriptor.number()) != 0) fail("sync", path);
}

void rename_durably(const std::filesystem::path& from, const std::filesystem::path& to) {
  if (std::rename(from.c_str(), to.c_str()) != 0) fail("rename " + from.string() + " to", to);
  sync_folder_of(to);
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  TemporaryFile file(path);
  file.write(content);
  file.sync();
  file.replace(path);
  sync_folder_of(path);
}

void replace_file(const std::filesystem::path& path, std::string_view content) {
  TemporaryFile file(path);
  file.write(content);
  file.replace(path);
}

}  // namespace peft::host
