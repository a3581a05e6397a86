#include "base/temporary_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include "peft/error.h"

namespace peft::host {
namespace {

[[noreturn]] void fail(const std::string& what, const std::filesystem::path& path) {
  const int reason = errno;
  throw Error("cannot " + what + " " + path.string() + ": " + std::generic_category().message(reason));
}

int create_beside(const std::filesystem::path& target, std::filesystem::path& temporary) {
  for (int attempt = 0;; ++attempt) {
    temporary = target;
    temporary += ".tmp." + std::to_string(::getpid()) + "." + std::to_string(attempt);
    const int number = ::open(temporary.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (number >= 0) return number;
    if (errno != EEXIST || attempt >= 1000) fail("create", temporary);
  }
}

}  // namespace

TemporaryFile::TemporaryFile(const std::filesystem::path& target)
    : descriptor_(create_beside(target, path_)) {}

TemporaryFile::~TemporaryFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (named_) ::unlink(path_.c_str());
}

void TemporaryFile::write(std::string_view content) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor_, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("write", path_);
    content.remove_prefix(static_cast<size_t>(written));
  }
}

void TemporaryFile::sync() {
  if (::fsync(descriptor_) != 0) fail("sync", path_);
}

void TemporaryFile::hide() {
  if (::unlink(path_.c_str()) != 0) fail("remove", path_);
  named_ = false;
}

void TemporaryFile::replace(const std::filesystem::path& target) {
  if (::close(std::exchange(descriptor_, -1)) != 0) fail("close", path_);
  if (std::rename(path_.c_str(), target.c_str()) != 0) fail("rename " + path_.string() + " to", target);
  named_ = false;
}

}  // namespace peft::host
