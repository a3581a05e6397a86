#include "hub/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "peft/error.h"

namespace peft::host {
namespace {

constexpr mode_t shared_with_the_group = 0664;

// False where somebody has removed the file: others now lock another one of its name.
bool has_name(int descriptor) {
  struct stat status = {};
  return ::fstat(descriptor, &status) == 0 && status.st_nlink > 0;
}

}  // namespace

FileLock::FileLock(const std::filesystem::path& file, const std::function<void()>& while_waiting) {
  for (;;) {
    descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, shared_with_the_group);
    if (descriptor_ < 0) {
      throw Error("cannot open " + file.string() + ": " + std::generic_category().message(errno));
    }
    while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK && errno != EINTR) return;
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      try {
        while_waiting();
      } catch (...) {
        ::close(descriptor_);
        throw;
      }
    }
    if (has_name(descriptor_)) return;
    ::close(descriptor_);
  }
}

FileLock::~FileLock() {
  ::close(descriptor_);
}

}  // namespace peft::host
