// One process at a time, held as huggingface_hub holds it (flock): both may fetch into one cache at once.
#pragma once

#include <filesystem>
#include <functional>

namespace peft::host {

class FileLock {
 public:
  // Waits for whoever has it; `while_waiting` is called about ten times a second and may throw. The system
  // lets go however a process ends; the file stays, so that those who wait and those who come wait for the
  // same one. Where the file system has no locks, nothing is held: blobs are checked before they count.
  FileLock(const std::filesystem::path& file, const std::function<void()>& while_waiting);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace peft::host
