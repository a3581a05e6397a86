// A run's folder: that it can be written, and that one run at a time writes it.
#pragma once

#include <filesystem>

#include "recipe/recipe.h"

namespace peft::host {

// Throws `peft::UsageError` at `output` where the folder can neither be written nor made.
void check_output(const Recipe& recipe);

// Two runs in one folder would take each other's checkpoints for their own. The system lets go of the lock
// however a process ends.
class FolderLock {
 public:
  // Throws `peft::Error` where another run holds it. The folder must exist.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_;
};

}  // namespace peft::host
